"""Signals and series in time: averages, smoothing, filters, alignment, control."""

import math

from tests.corpus.loops.registry import Published, program


@program([([1.0, 2.0, 4.0, 3.0, 5.0], 3), ([1.5, 0.5], 1)], argnums=0)
def moving_average_energy(xs, width):
    total = 0.0
    for i in range(len(xs) - width + 1):
        window = xs[i : i + width]
        total += (sum(window) / width) ** 2
    return total


@program([([1.0, 2.0, 4.0, 3.0, 5.0], 2)], argnums=0)
def running_window(xs, width):
    """A window that slides by one addition and one subtraction."""
    window = sum(xs[:width])
    best = window
    for i in range(width, len(xs)):
        window += xs[i] - xs[i - width]
        if window > best:
            best = window
    return best * best


@program([([3.0, 5.0, 2.0, 6.0], 0.4), ([1.0], 0.9)], argnums=(0, 1))
def exponential_smoothing(ys, alpha):
    level = ys[0]
    error = 0.0
    for y in ys[1:]:
        error += (y - level) ** 2
        level = alpha * y + (1 - alpha) * level
    return error + level


@program([([3.0, 5.0, 6.5, 9.0], 0.4, 0.2)], argnums=(0, 1, 2))
def holt(ys, alpha, beta):
    level, trend = ys[0], ys[1] - ys[0]
    for y in ys[1:]:
        last = level
        level = alpha * y + (1 - alpha) * (level + trend)
        trend = beta * (level - last) + (1 - beta) * trend
    return level + 2 * trend


@program([([0.5, -0.2, 0.8, 0.1, -0.6], 0.4, 0.3, 0.7)], argnums=(0, 1, 2, 3))
def arma_likelihood(ys, phi, theta, sigma):
    shock = 0.0
    previous = 0.0
    total = 0.0
    for y in ys:
        predicted = phi * previous + theta * shock
        shock = y - predicted
        total += -0.5 * (shock / sigma) ** 2 - math.log(sigma)
        previous = y
    return total


@program([([0.5, -1.2, 0.8, 0.1], 0.1, 0.2, 0.6)], argnums=(0, 1, 2, 3))
def garch(returns, omega, alpha, beta):
    h = omega / (1 - alpha - beta)
    likelihood = 0.0
    for r in returns:
        likelihood -= 0.5 * (math.log(h) + r * r / h)
        h = omega + alpha * r * r + beta * h
    return likelihood


@program([([1.0, 1.2, 0.7, 1.1], 0.1, 0.3), ([2.0], 0.5, 0.5)], argnums=(0, 1, 2))
def kalman_level(ys, q, r):
    mean, variance = 0.0, 1.0
    log_likelihood = 0.0
    for y in ys:
        variance += q
        innovation = y - mean
        s = variance + r
        log_likelihood -= 0.5 * (math.log(2 * math.pi * s) + innovation**2 / s)
        gain = variance / s
        mean += gain * innovation
        variance *= 1 - gain
    return log_likelihood


@program([([1.0, 2.1, 2.9, 4.2], 0.1, 0.2)], argnums=(0, 1, 2))
def kalman_track(ys, q, r):
    """Place and speed, the covariance as three names."""
    x, v = 0.0, 1.0
    p11, p12, p22 = 1.0, 0.0, 1.0
    total = 0.0
    for y in ys:
        x = x + v
        p11, p12, p22 = p11 + 2 * p12 + p22 + q, p12 + p22, p22 + q
        s = p11 + r
        k1, k2 = p11 / s, p12 / s
        e = y - x
        x, v = x + k1 * e, v + k2 * e
        p11, p12, p22 = (1 - k1) * p11, (1 - k1) * p12, p22 - k2 * p12
        total += e * e / s
    return total + v


@program(
    [([0.6, 0.4], [[0.7, 0.3], [0.4, 0.6]], [[0.5, 0.4, 0.1], [0.1, 0.3, 0.6]], [0, 1, 2])],
    argnums=(0, 1, 2),
    published=(
        Published(
            ([0.6, 0.4], [[0.7, 0.3], [0.4, 0.6]], [[0.5, 0.4, 0.1], [0.1, 0.3, 0.6]], [0, 1, 2]),
            5e-7,
            "the healthy and feverish patient of textbooks, P(normal, cold, dizzy) = 0.03628",
            0.03628,
        ),
    ),
)
def hmm_forward(start, transition, emission, observed):
    states = len(start)
    alpha = [start[s] * emission[s][observed[0]] for s in range(states)]
    for o in observed[1:]:
        alpha = [
            sum(alpha[r] * transition[r][s] for r in range(states)) * emission[s][o]
            for s in range(states)
        ]
    return sum(alpha)


@program([([0.2, 0.9, 0.4], [0.3, 0.5], 0.5, 0.3)], argnums=(0, 1, 2, 3))
def soft_edit_distance(xs, ys, gap, gamma):
    """A table in two rows; the minimum of three is a soft one."""

    def softmin(a, b, c):
        low = min(a, b, c)
        total = math.exp(-(a - low) / gamma) + math.exp(-(b - low) / gamma)
        total += math.exp(-(c - low) / gamma)
        return low - gamma * math.log(total)

    above = [gap * j for j in range(len(ys) + 1)]
    for i in range(1, len(xs) + 1):
        row = [gap * i]
        for j in range(1, len(ys) + 1):
            change = above[j - 1] + (xs[i - 1] - ys[j - 1]) ** 2
            row.append(softmin(change, above[j] + gap, row[j - 1] + gap))
        above = row
    return above[-1]


@program([([0.2, 0.9, 0.4], [0.3, 0.5, 0.8, 0.1])], argnums=(0, 1))
def time_warping(xs, ys):
    n, m = len(xs), len(ys)
    table = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(n + 1):
        for j in range(m + 1):
            if i == 0 and j == 0:
                table[i][j] = 0.0
            elif i == 0 or j == 0:
                table[i][j] = 1e6
            else:
                cost = (xs[i - 1] - ys[j - 1]) ** 2
                table[i][j] = cost + min(table[i - 1][j], table[i][j - 1], table[i - 1][j - 1])
    return table[n][m]


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


@program([([0.5, -0.3, 0.8], 0.4, 0.2, -0.1, 0.6)], argnums=(0, 1, 2, 3, 4))
def lstm_cell(xs, wf, wi, wo, wc):
    h = c = 0.0
    for x in xs:
        f = sigmoid(wf * (x + h) + 1.0)
        i = sigmoid(wi * (x + h))
        o = sigmoid(wo * (x + h))
        c = f * c + i * math.tanh(wc * (x + h))
        h = o * math.tanh(c)
    return h * h + c


@program([([0.5, -0.3, 0.8], [0.4, -0.7], [0.1, 0.2])], argnums=(0, 1, 2))
def recurrent_network(xs, weights, biases):
    hidden = [0.0, 0.0]
    for x in xs:
        hidden = [
            math.tanh(w * x + b + 0.3 * hidden[1 - k])
            for k, (w, b) in enumerate(zip(weights, biases))  # noqa: B905
        ]
    return hidden[0] - hidden[1] ** 2


@program([(1.2, 0.5, 0.1, 25), (0.6, 0.2, 0.0, 8)], argnums=(0, 1, 2))
def pid_control(kp, ki, kd, steps):
    y, integral, last = 0.0, 0.0, None
    cost, dt = 0.0, 0.1
    for _ in range(steps):
        error = 1.0 - y
        integral += error * dt
        slope = 0.0 if last is None else (error - last) / dt
        last = error
        u = kp * error + ki * integral + kd * slope
        u = max(-2.0, min(2.0, u))
        y += dt * (u - 0.5 * y)
        cost += error * error * dt
    return cost


@program([([0.2, 0.5, 0.3], 4), ([0.9, 0.05, 0.05], 0)], argnums=0)
def markov_chain(start, steps):
    p = start
    transition = ((0.5, 0.3, 0.2), (0.1, 0.8, 0.1), (0.2, 0.2, 0.6))
    for _ in range(steps):
        nxt = [0.0, 0.0, 0.0]
        for i in range(3):
            for j in range(3):
                nxt[j] += p[i] * transition[i][j]
        p = nxt
    return p[0] ** 2 + 2 * p[1]


@program([(0.3, 0.6, 20), (0.1, 0.2, 3)], argnums=(0, 1))
def two_state_chain(up, down, steps):
    here = 1.0
    visits = 0.0
    for step in range(steps):
        here, visits = here * (1 - up) + (1 - here) * down, visits + here / (1 + step)
    return visits


@program([([1.0, 0.5, -0.5, 0.3, 0.9], [0.2, 0.5, 0.3])], argnums=(0, 1))
def convolution(signal, kernel):
    total = 0.0
    for n in range(len(signal) + len(kernel) - 1):
        y = 0.0
        for k, w in enumerate(kernel):
            if 0 <= n - k < len(signal):
                y += w * signal[n - k]
        total += y * y if n % 2 else y
    return total


@program([([1.0, 0.5, -0.5, 0.3], 2)], argnums=0)
def fourier_power(xs, k):
    real = imaginary = 0.0
    for n, x in enumerate(xs):
        angle = -2 * math.pi * k * n / len(xs)
        real += x * math.cos(angle)
        imaginary += x * math.sin(angle)
    return real**2 + imaginary**2


@program([([1.0, 0.5, -0.5, 0.3], 0.8)], argnums=(0, 1))
def goertzel(xs, omega):
    s1 = s2 = 0.0
    coefficient = 2 * math.cos(omega)
    for x in xs:
        s1, s2 = x + coefficient * s1 - s2, s1
    return s1 * s1 + s2 * s2 - coefficient * s1 * s2


@program([([2.0, 2.4, 1.1, 0.6], 0.2)], argnums=(0, 1))
def biquad(xs, a):
    y1 = y2 = x1 = x2 = 0.0
    energy = 0.0
    for x in xs:
        y = 0.3 * x + 0.2 * x1 + 0.1 * x2 + a * y1 - 0.1 * y2
        x1, x2, y1, y2 = x, x1, y, y1
        energy += y * y
    return energy


@program([([1.0, 4.0, 2.0, 8.0],), ([3.0],)])
def welford(xs):
    count, mean, m2 = 0, 0.0, 0.0
    for x in xs:
        count += 1
        delta = x - mean
        mean += delta / count
        m2 += delta * (x - mean)
    return m2 / max(count - 1, 1) + mean


@program([([1.0, 4.0, 2.0, 8.0],)])
def largest_jump(xs):
    best, at = 0.0, -1
    for i in range(1, len(xs)):
        jump = abs(xs[i] - xs[i - 1])
        if jump > best:
            best, at = jump, i
    return best * at


@program([([0.0, 1.0, 0.5, 2.0], 1.4)], argnums=(0, 1))
def natural_spline(ys, t):
    """Second derivatives by elimination, then the piece that holds t."""
    n = len(ys)
    m = [0.0] * n
    c = [0.0] * n
    for i in range(1, n - 1):
        rhs = 6 * (ys[i + 1] - 2 * ys[i] + ys[i - 1])
        pivot = 4 - c[i - 1]
        c[i] = 1 / pivot
        m[i] = (rhs - m[i - 1]) / pivot
    for i in range(n - 2, 0, -1):
        m[i] -= c[i] * m[i + 1]
    k = int(t)
    u = t - k
    a, b = ys[k], ys[k + 1]
    return (1 - u) * a + u * b + ((1 - u) ** 3 - (1 - u)) * m[k] / 6 + (u**3 - u) * m[k + 1] / 6
