import math


def grad_pendulum(x, dt, n):
    kept = []
    state = x
    state_1 = 0.0
    for _ in range(n):
        kept.append((state, state_1))
        state, state_1 = state + dt * state_1, state_1 - dt * math.sin(state)
    # adjoint of: return state[0] ** 2 + state[1]
    state_bar = 2.0 * state
    state_1_bar = 1.0
    dt_bar = 0.0
    for state, state_1 in reversed(kept):
        # adjoint of: return x + dt * v, v - dt * math.sin(x)
        dt_bar += state_bar * state_1 - state_1_bar * math.sin(state)
        state_bar_1 = state_bar - state_1_bar * dt * math.cos(state)
        state_1_bar += state_bar * dt
        state_bar = state_bar_1
    return state_bar, dt_bar
