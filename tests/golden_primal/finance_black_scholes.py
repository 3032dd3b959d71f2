import math


def norm_cdf(x):
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def black_scholes(S: float, K: float, r: float, sigma: float, T: float) ->float:
    """A European call by the closed formula."""
    sq = sigma * math.sqrt(T)
    d1 = (math.log(S / K) + (r + 0.5 * sigma ** 2) * T) / sq
    d2 = d1 - sq
    return S * norm_cdf(d1) - K * math.exp(-r * T) * norm_cdf(d2)
