"""Statistics and learning: losses over data, training inside the function."""

import math

from tests.corpus.loops.registry import program


@program([([0.5, -0.2], [[1.0, 2.0], [0.3, -1.0], [0.8, 0.1]], [1, 0, 1])], argnums=(0, 1))
def logistic_loss(weights, rows, labels):
    loss = 0.0
    for row, label in zip(rows, labels, strict=True):
        z = 0.0
        for w, x in zip(weights, row, strict=True):
            z += w * x
        loss += math.log1p(math.exp(-z)) if label else math.log1p(math.exp(z))
    return loss / len(labels) + 0.01 * sum(w * w for w in weights)


@program([([0.5, -0.2, 1.0], 1), ([2.0], 0)], argnums=0)
def cross_entropy(logits, label):
    top = max(logits)
    total = 0.0
    for z in logits:
        total += math.exp(z - top)
    return top + math.log(total) - logits[label]


@program([([1.0, 2.0, 3.0], [2.1, 3.9, 6.2])], argnums=(0, 1))
def fitted_slope(xs, ys):
    n = len(xs)
    mx, my = sum(xs) / n, sum(ys) / n
    top = bottom = 0.0
    for x, y in zip(xs, ys, strict=True):
        top += (x - mx) * (y - my)
        bottom += (x - mx) ** 2
    slope = top / bottom
    return slope + 0.1 * (my - slope * mx)


@program([(0.1, 0.9, 12), (0.02, 0.5, 3)], argnums=(0, 1))
def momentum(rate, keep, steps):
    w, v = 2.0, 0.0
    for _ in range(steps):
        g = 2 * (w - 0.5) + math.cos(w)
        v = keep * v - rate * g
        w += v
    return (w - 0.5) ** 2


@program([(0.05, 8), (0.2, 1)], argnums=0)
def adam(rate, steps, b1=0.9, b2=0.99, eps=1e-8):
    w, m, v = 1.5, 0.0, 0.0
    for t in range(1, steps + 1):
        g = 4 * w**3 - 2 * w
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        m_hat = m / (1 - b1**t)
        v_hat = v / (1 - b2**t)
        w -= rate * m_hat / (math.sqrt(v_hat) + eps)
    return w**4 - w**2


@program([([0.3, -0.1, 0.4], [1.0, 0.5], 5)], argnums=(0, 1))
def trained_line(ys, start, epochs):
    """Full-batch descent on a line, in place on a copy of the parameters."""
    p = list(start)
    for _ in range(epochs):
        g0 = g1 = 0.0
        for x, y in enumerate(ys):
            e = p[0] + p[1] * x - y
            g0 += e
            g1 += e * x
        p[0] -= 0.1 * g0
        p[1] -= 0.1 * g1
    return sum((p[0] + p[1] * x - y) ** 2 for x, y in enumerate(ys))


@program([([0.1, 0.4, 2.0, 2.3], 0.2, 1.9)], argnums=(0, 1, 2))
def two_means(xs, a, b):
    """Sweeps that assign each number to the nearer centre."""
    for _ in range(3):
        sa = sb = na = nb = 0.0
        for x in xs:
            if abs(x - a) <= abs(x - b):
                sa += x
                na += 1
            else:
                sb += x
                nb += 1
        if na:
            a = 0.5 * (a + sa / na)
        if nb:
            b = 0.5 * (b + sb / nb)
    return a * b


@program([([0.1, 0.4, 2.0, 2.3], 0.2, 1.9)], argnums=(0, 1, 2))
def mixture_by_em(xs, m1, m2):
    share = 0.5
    for _ in range(3):
        total = s1 = s2 = 0.0
        for x in xs:
            p1 = share * math.exp(-0.5 * (x - m1) ** 2)
            p2 = (1 - share) * math.exp(-0.5 * (x - m2) ** 2)
            r = p1 / (p1 + p2)
            total += r
            s1 += r * x
            s2 += (1 - r) * x
        m1, m2, share = s1 / total, s2 / (len(xs) - total), total / len(xs)
    return m1 - m2 + share


@program([([[0.5, -0.3], [0.2, 0.8]], [0.1, -0.1], [1.0, 2.0])], argnums=(0, 1, 2))
def small_network(W, b, x):
    hidden = []
    for row, bias in zip(W, b, strict=True):
        z = bias
        for w, v in zip(row, x, strict=True):
            z += w * v
        hidden.append(max(z, 0.1 * z))
    return sum(h * h for h in hidden)


@program([([0.5, 1.5, 0.9], 0.4)], argnums=(0, 1))
def kernel_density_entropy(samples, width):
    total = 0.0
    for i in range(len(samples)):
        density = 0.0
        for j in range(len(samples)):
            if i != j:
                z = (samples[i] - samples[j]) / width
                density += math.exp(-z * z / 2)
        total -= math.log(density / (width * (len(samples) - 1)))
    return total


@program([([0.5, 1.5, -0.9], 1.0), ([3.0], 0.5)], argnums=(0, 1))
def huber_total(residuals, delta):
    loss = 0.0
    for r in residuals:
        size = abs(r)
        if size <= delta:
            loss += 0.5 * r * r
            continue
        loss += delta * (size - 0.5 * delta)
    return loss


@program([([0.2, 0.3, 0.5], 1.5), ([0.6, 0.4], 0.5)], argnums=(0, 1))
def renyi_entropy(ps, order):
    total = 0.0
    for p in ps:
        total += p**order
    return math.log(total) / (1 - order)


@program([([0.3, 0.8], [0.6, 0.1], 3)], argnums=(0, 1))
def elo_season(home, away, games):
    ratings = [home[0], away[0]]
    for game in range(games):
        expected = 1 / (1 + math.exp(ratings[1] - ratings[0]))
        result = 1.0 if game % 2 == 0 else 0.0
        change = 0.3 * (result - expected)
        ratings[0] += change
        ratings[1] -= change
    return ratings[0] * home[1] - ratings[1] * away[1]


@program([([0.1, 0.3, 0.05],), ([0.5, 0.5],)])
def poisson_binomial_tail(ps):
    """The chance of at least one success and of two or more, by a growing table."""
    table = [1.0]
    for p in ps:
        new = [0.0] * (len(table) + 1)
        for k, chance in enumerate(table):
            new[k] += chance * (1 - p)
            new[k + 1] += chance * p
        table = new
    return 1 - table[0] + 0.5 * sum(table[2:])
