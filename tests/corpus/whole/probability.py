# ruff: noqa: B905
"""Statistics and inference: filters, hidden states, mixtures, regressions, distances."""

import math

from tests.corpus.whole.registry import program


def logsumexp(values):
    top = max(values)
    return top + math.log(sum(math.exp(v - top) for v in values))


@program(
    lambda: [([1.0, 1.2, 0.7, 1.1], 0.1, 0.4), ([2.0], 0.1, 0.4), ([], 0.1, 0.4)], argnums=(0, 1, 2)
)
def kalman_level(ys, q, r):
    """The log-likelihood of a local level model."""
    m, p = 0.0, 1.0
    ll = 0.0
    for y in ys:
        p += q
        s = p + r
        k = p / s
        e = y - m
        ll -= 0.5 * (math.log(2 * math.pi * s) + e * e / s)
        m += k * e
        p *= 1 - k
    return ll


def _mm(a, b):
    return [[sum(x * y for x, y in zip(row, col)) for col in zip(*b)] for row in a]


def _transposed(a):
    return [list(col) for col in zip(*a)]


@program(
    lambda: [
        ([[1.0, 0.1], [0.0, 1.0]], [0.2, 0.35, 0.4], 0.05, 0.2),
        ([[0.9, 0.2], [-0.1, 0.8]], [], 0.05, 0.2),
    ],
    argnums=(0, 1, 2, 3),
)
def kalman_track(F, measured, q, r):
    """Position and speed on lists of lists; only the position is seen."""
    x = [[0.0], [1.0]]
    P = [[1.0, 0.0], [0.0, 1.0]]
    for z in measured:
        x = _mm(F, x)
        P = _mm(_mm(F, P), _transposed(F))
        for i in range(2):
            P[i][i] += q
        S = P[0][0] + r
        K = [P[0][0] / S, P[1][0] / S]
        innovation = z - x[0][0]
        for i in range(2):
            x[i][0] += K[i] * innovation
        top = P[0][:]
        for i in range(2):
            for j in range(2):
                P[i][j] -= K[i] * top[j]
    return x[0][0] + 0.5 * x[1][0] + P[0][0] * P[1][1] - P[0][1] * P[1][0]


def _hmm():
    return (
        [0.6, 0.4],
        [[0.7, 0.3], [0.2, 0.8]],
        [[0.5, 0.4, 0.1], [0.1, 0.3, 0.6]],
    )


@program(lambda: [(*_hmm(), [0, 1, 2, 2, 0]), (*_hmm(), [1])], argnums=(0, 1, 2))
def hmm_forward(start, trans, emit, observed):
    """The forward pass with scaling; log-probability of what was observed."""
    alpha = [s * e[observed[0]] for s, e in zip(start, emit)]
    log_p = 0.0
    for o in observed[1:]:
        scale = sum(alpha)
        log_p += math.log(scale)
        alpha = [
            sum(alpha[i] / scale * trans[i][j] for i in range(len(alpha))) * emit[j][o]
            for j in range(len(alpha))
        ]
    return log_p + math.log(sum(alpha))


@program(lambda: [(*_hmm(), [0, 1, 2, 2], 0.5), (*_hmm(), [2], 1.0)], argnums=(0, 1, 2, 4))
def soft_viterbi(start, trans, emit, observed, temperature):
    """Viterbi scores where max is softened by a temperature."""
    n = len(start)
    score = [math.log(start[i]) + math.log(emit[i][observed[0]]) for i in range(n)]
    for o in observed[1:]:
        new = []
        for j in range(n):
            through = [(score[i] + math.log(trans[i][j])) / temperature for i in range(n)]
            new.append(temperature * logsumexp(through) + math.log(emit[j][o]))
        score = new
    return temperature * logsumexp([s / temperature for s in score])


@program(
    lambda: [([1.0, 1.3, 4.0, 4.4, 0.8], [0.5, 3.0]), ([1.0], [0.5, 3.0])],
    argnums=(0, 1),
    kinks=lambda: [([2.0], [1.0, 3.0])],
)
def k_means_objective(xs, centers):
    """Squared distance to the nearest center, two rounds of moving the centers included."""
    for _ in range(2):
        groups = [[] for _ in centers]
        for x in xs:
            nearest = min(range(len(centers)), key=lambda k: (x - centers[k]) ** 2)
            groups[nearest].append(x)
        for k, group in enumerate(groups):
            if group:
                centers[k] = 0.5 * centers[k] + 0.5 * sum(group) / len(group)
    return sum(min((x - c) ** 2 for c in centers) for x in xs)


@program(
    lambda: [
        ([0.1, 0.3, 2.0, 2.2], [0.0, 2.0], [0.5, 0.4], 0.5),
        ([1.0], [0.0, 2.0], [0.5, 0.4], 0.3),
    ],
    argnums=(0, 1, 2, 3),
)
def mixture_em_step(xs, means, sigmas, share):
    """One EM step of two normals; the log-likelihood after it."""
    weights = [share, 1 - share]
    resp = []
    for x in xs:
        dens = [
            w * math.exp(-0.5 * ((x - m) / s) ** 2) / s for w, m, s in zip(weights, means, sigmas)
        ]
        total = sum(dens)
        resp.append([d / total for d in dens])
    for k in range(2):
        mass = sum(r[k] for r in resp)
        means[k] = sum(r[k] * x for r, x in zip(resp, xs)) / mass
        weights[k] = mass / len(xs)
    ll = 0.0
    for x in xs:
        ll += logsumexp(
            [
                math.log(w) - 0.5 * ((x - m) / s) ** 2 - math.log(s)
                for w, m, s in zip(weights, means, sigmas)
            ]
        )
    return ll


@program(
    lambda: [
        ([[1.0, 0.5], [-0.3, 2.0], [0.7, -1.0]], [1, 0, 1], [0.2, -0.4], 0.1),
        ([], [], [0.2], 0.1),
    ],
    argnums=(0, 2, 3),
)
def logistic_loss(rows, labels, weights, penalty):
    """Mean cross-entropy in its stable form plus a ridge."""
    loss = 0.0
    for features, label in zip(rows, labels):
        z = sum(w * f for w, f in zip(weights, features))
        margin = z if label == 1 else -z
        if margin > 0:
            loss += math.log1p(math.exp(-margin))
        else:
            loss += -margin + math.log1p(math.exp(margin))
    if rows:
        loss /= len(rows)
    return loss + penalty * sum(w * w for w in weights)


@program(lambda: [([1.0, 2.0, 4.0, 3.5],), ([2.0, 1.0],)], raising=lambda: [([1.0],)])
def welford(xs):
    """Running mean and variance; complains below two values."""
    count, mean, m2 = 0, 0.0, 0.0
    for x in xs:
        count += 1
        delta = x - mean
        mean += delta / count
        m2 += delta * (x - mean)
    if count < 2:
        raise ValueError("variance requires at least two values")
    return mean / math.sqrt(m2 / (count - 1))


@program(
    lambda: [([0.0, 1.0, 2.0, 4.0], [0.1, 0.9, 2.3, 3.8]), ([0.0, 1.0], [2.0, 1.0])],
    argnums=(0, 1),
    scalar=False,
)
def line_fit(xs, ys):
    """Least squares by sums; returns intercept, slope and the residual's variance."""
    n = len(xs)
    mx, my = sum(xs) / n, sum(ys) / n
    sxx = sum((x - mx) ** 2 for x in xs)
    slope = sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sxx
    intercept = my - slope * mx
    residuals = [y - intercept - slope * x for x, y in zip(xs, ys)]
    return intercept, slope, sum(r**2 for r in residuals) / max(n - 2, 1)


@program(lambda: [([3.0, 1.0, 2.0], 0.4), ([5.0, 1.0], 0.9), ([2.5], 0.5)], argnums=(0, 1))
def quantile(xs, q):
    """The sample quantile between two neighbours of the sorted values."""
    ordered = sorted(xs)
    position = q * (len(ordered) - 1)
    k = min(int(position), len(ordered) - 2)
    if k < 0:
        return ordered[0]
    t = position - k
    return (1 - t) * ordered[k] + t * ordered[k + 1]


@program(lambda: [([0.2, -0.5, 1.0], 0.7), ([0.3], 1.5)], argnums=(0, 1))
def kernel_density(samples, bandwidth):
    """Leave-one-out log-likelihood of a Gaussian kernel density."""
    n = len(samples)
    total = 0.0
    for i, x in enumerate(samples):
        others = samples[:i] + samples[i + 1 :]
        if not others:
            continue
        density = sum(math.exp(-(((x - y) / bandwidth) ** 2) / 2) for y in others)
        total += math.log(density / (n - 1) / bandwidth)
    return total
