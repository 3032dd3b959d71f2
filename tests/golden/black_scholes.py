import math


def grad_black_scholes(spot, strike, rate, sigma, years):
    root = math.sqrt(years)
    spread = sigma * root
    ratio = spot / strike
    product = 0.5 * sigma
    total = rate + product * sigma
    d1 = (math.log(ratio) + total * years) / spread
    d2 = d1 - spread
    root_1 = math.sqrt(2.0)
    ratio_1 = -d1 / root_1
    e = math.exp(-rate * years)
    ratio_2 = -d2 / root_1
    product_1 = 0.5 * math.erfc(ratio_2)
    # adjoint of: return spot * norm_cdf(d1) - strike * math.exp(-rate * years) * norm_cdf(d2)
    product_2 = product_1 * strike * e
    rate_bar = product_2 * years
    years_bar = product_2 * rate
    d2_bar = -0.5641895835477563 * strike * e * math.exp(-ratio_2 * ratio_2) / root_1
    strike_bar = -product_1 * e
    d1_bar = 0.5641895835477563 * spot * math.exp(-ratio_1 * ratio_1) / root_1
    # adjoint of: d2 = d1 - spread
    d1_bar += d2_bar
    spread_bar = -d2_bar
    # adjoint of: d1 = (math.log(spot / strike) + (rate + 0.5 * sigma * sigma) * years) / sp …
    ratio_3 = d1_bar / spread
    product_3 = ratio_3 * years
    sigma_bar = product_3 * product + 0.5 * product_3 * sigma
    ratio_4 = ratio_3 / ratio / strike
    spread_bar -= ratio_3 * d1
    years_bar += ratio_3 * total
    rate_bar += product_3
    spot_bar = 0.5 * math.erfc(ratio_1) + ratio_4
    strike_bar -= ratio_4 * ratio
    # adjoint of: spread = sigma * math.sqrt(years)
    sigma_bar += spread_bar * root
    years_bar += 0.5 * spread_bar * sigma / root
    return spot_bar, strike_bar, rate_bar, sigma_bar, years_bar
