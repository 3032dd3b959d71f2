# ruff: noqa: B905
"""Prices and rates: trees, formulas, iterations, simulated paths, likelihoods."""

import math

from tests.corpus.whole.registry import program


def norm_cdf(x):
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


@program(
    lambda: [(100.0, 95.0, 0.03, 0.2, 0.5), (100.0, 120.0, 0.0, 0.4, 2.0)], argnums=(0, 1, 2, 3, 4)
)
def black_scholes(S: float, K: float, r: float, sigma: float, T: float) -> float:
    """A European call by the closed formula."""
    sq = sigma * math.sqrt(T)
    d1 = (math.log(S / K) + (r + 0.5 * sigma**2) * T) / sq
    d2 = d1 - sq
    return S * norm_cdf(d1) - K * math.exp(-r * T) * norm_cdf(d2)


@program(
    lambda: [(7.5, 100.0, 95.0, 0.03, 0.5), (12.0, 100.0, 110.0, 0.01, 1.0)],
    argnums=(0, 1, 2, 3, 4),
    raising=lambda: [(200.0, 100.0, 95.0, 0.03, 0.5)],
)
def implied_volatility(price, S, K, r, T):
    """Newton on the price with vega as slope; refuses prices out of bounds."""
    if not max(S - K * math.exp(-r * T), 0.0) < price < S:
        raise ValueError("price violates the arbitrage bounds")
    sigma = 0.3
    for _ in range(30):
        gap = black_scholes(S, K, r, sigma, T) - price
        d1 = (math.log(S / K) + (r + sigma * sigma / 2) * T) / (sigma * math.sqrt(T))
        vega = S * math.sqrt(T) * math.exp(-d1 * d1 / 2) / math.sqrt(2 * math.pi)
        sigma -= gap / vega
        if abs(gap) < 1e-11:
            break
    return sigma


@program(
    lambda: [(100.0, 97.0, 0.03, 0.2, 1.0, 12), (100.0, 97.0, 0.03, 0.2, 1.0, 1)],
    argnums=(0, 1, 2, 3, 4),
)
def binomial_call(spot, strike, rate, vol, expiry, n):
    """Cox-Ross-Rubinstein, one list that shrinks in place from the leaves to the root."""
    dt = expiry / n
    u = math.exp(vol * math.sqrt(dt))
    d = 1 / u
    p = (math.exp(rate * dt) - d) / (u - d)
    disc = math.exp(-rate * dt)
    values = [max(spot * u**j * d ** (n - j) - strike, 0.0) for j in range(n + 1)]
    for step in range(n, 0, -1):
        for j in range(step):
            values[j] = disc * (p * values[j + 1] + (1 - p) * values[j])
    return values[0]


@program(
    lambda: [(100.0, 104.0, 0.05, 0.25, 8), (50.0, 104.0, 0.05, 0.25, 3)],
    argnums=(0, 1, 2, 3),
)
def american_put(S, K, r, sigma, n):
    """Early exercise wherever it is worth more than waiting."""
    dt = 1.0 / n
    up = math.exp(sigma * math.sqrt(dt))
    q = (math.exp(r * dt) - 1 / up) / (up - 1 / up)
    v = []
    for j in range(n + 1):
        v.append(max(K - S * up ** (2 * j - n), 0.0))
    for i in reversed(range(n)):
        for j in range(i + 1):
            hold = math.exp(-r * dt) * (q * v[j + 1] + (1 - q) * v[j])
            exercise = K - S * up ** (2 * j - i)
            v[j] = exercise if exercise > hold else hold
        v.pop()
    return v[0]


@program(lambda: [(100.0, 98.5, 0.02, 0.3, 6), (100.0, 98.5, 0.02, 0.3, 1)], argnums=(0, 1, 2, 3))
def trinomial_call(S, K, r, sigma, n):
    """Three branches a step; each level is a new list."""
    dt = 0.75 / n
    u = math.exp(sigma * math.sqrt(2 * dt))
    a, b = math.exp(r * dt / 2), math.exp(sigma * math.sqrt(dt / 2))
    pu = ((a - 1 / b) / (b - 1 / b)) ** 2
    pd = ((b - a) / (b - 1 / b)) ** 2
    pm = 1 - pu - pd
    level = [max(S * u**k - K, 0.0) for k in range(-n, n + 1)]
    while len(level) > 1:
        level = [
            math.exp(-r * dt) * (pd * lo + pm * mid + pu * hi)
            for lo, mid, hi in zip(level, level[1:], level[2:])
        ]
    return level[0]


@program(
    lambda: [(96.0, [4.0, 4.0, 104.0]), (101.0, [2.5] * 5 + [102.5])],
    argnums=(0, 1),
    raising=lambda: [(96.0, [-1.0, -2.0])],
)
def bond_yield(price, cashflows):
    """The yield at which the discounted cash flows cost what is paid."""
    y = 0.05
    for attempt in range(60):
        value = slope = 0.0
        for t, c in enumerate(cashflows, start=1):
            value += c * (1 + y) ** -t
            slope -= t * c * (1 + y) ** (-t - 1)
        if slope >= 0:
            raise ArithmeticError("cash flows without a yield")
        step = (value - price) / slope
        y -= step
        if abs(step) < 1e-14:
            break
    return y


@program(lambda: [([0.02, 0.025, 0.03], 0.8), ([0.01], 0.3)], argnums=(0, 1))
def bootstrap_curve(par_rates, notional):
    """Discount factors from par rates, each from the sum of those before it."""
    factors = []
    annuity = 0.0
    for s in par_rates:
        factors.append((1 - s * annuity) / (1 + s))
        annuity += factors[-1]
    return notional * annuity + factors[-1]


def _uniforms(seed):
    while True:
        seed = (1103515245 * seed + 12345) % 2**31
        yield (seed + 0.5) / 2**31


@program(
    lambda: [(100.0, 97.0, 0.03, 0.2, 6, 5), (100.0, 150.0, 0.03, 0.1, 1, 4)],
    argnums=(0, 1, 2, 3),
)
def asian_call(S0, K, r, sigma, paths, steps):
    """Simulated averages; the normals come from a generator and Box-Muller."""
    source = _uniforms(seed=7)
    dt = 1.0 / steps
    payoff = 0.0
    for _ in range(paths):
        S = S0
        running = 0.0
        for _ in range(steps):
            u, v = next(source), next(source)
            z = math.sqrt(-2 * math.log(u)) * math.cos(2 * math.pi * v)
            S *= math.exp((r - sigma * sigma / 2) * dt + sigma * math.sqrt(dt) * z)
            running += S
        payoff += max(running / steps - K, 0.0)
    return math.exp(-r) * payoff / paths


@program(
    lambda: [([0.01, -0.02, 0.015, 0.0, -0.03], 1e-5, 0.1, 0.85), ([0.01], 1e-5, 0.1, 0.85)],
    argnums=(0, 1, 2, 3),
)
def garch_likelihood(returns, omega, alpha, beta):
    """Gaussian log-likelihood of GARCH(1, 1)."""
    var = omega / (1 - alpha - beta)
    ll = 0.0
    for r in returns:
        ll -= 0.5 * (math.log(2 * math.pi * var) + r * r / var)
        var = omega + alpha * r * r + beta * var
    return ll


@program(
    lambda: [(1000.0, 0.06, 12, -5.0), (1000.0, 0.06, 12, 150.0), (500.0, 0.1, 1, -1.0)],
    argnums=(0, 1, 3),
)
def loan_interest(principal, rate, months, extra):
    """Total interest of an annuity loan with extra payments that may end it early."""
    i = rate / 12
    payment = principal * i / (1 - (1 + i) ** -months)
    left, paid = principal, 0.0
    for month in range(1, months + 1):
        interest = left * i
        paid += interest
        left += interest - payment - extra
        if left <= 0:
            paid += 0.5 * left * i
            break
    return paid


@program(
    lambda: [
        ([0.5, 0.3, 0.2], [[0.04, 0.01, 0.0], [0.01, 0.09, 0.02], [0.0, 0.02, 0.16]]),
        ([0.7, 0.3], [[0.04, -0.02], [-0.02, 0.09]]),
    ],
    argnums=(0, 1),
)
def risk_contributions(weights, cov):
    """How far the parts of a portfolio's volatility are from equal."""
    marginal = [sum(c * w for c, w in zip(row, weights)) for row in cov]
    vol = math.sqrt(sum(w * m for w, m in zip(weights, marginal)))
    parts = [w * m / vol for w, m in zip(weights, marginal)]
    target = vol / len(parts)
    return sum((p - target) ** 2 for p in parts)


@program(
    lambda: [([100.0, 110.0, 95.0, 105.0, 90.0],), ([100.0],)], kinks=lambda: [([100.0, 100.0],)]
)
def max_drawdown(prices):
    """The deepest fall from a running peak."""
    peak = prices[0]
    worst = 0.0
    for p in prices:
        if p > peak:
            peak = p
        fall = 1 - p / peak
        if fall > worst:
            worst = fall
    return worst
