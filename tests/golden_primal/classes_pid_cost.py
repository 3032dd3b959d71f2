from tests.corpus.whole.classes import PID


def pid_cost(kp, ki, kd, steps):
    """The squared tracking error of a first-order plant under control."""
    pid = PID(kp, ki, kd)
    dt, y, cost = 0.05, 0.0, 0.0
    for k in range(steps):
        error = 1.0 - y
        u = pid(error, dt)
        y += dt * (u - y)
        cost += error * error * dt
    return cost + y * pid.integral
