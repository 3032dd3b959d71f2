"""Interest, loans, bonds and taxes."""

from math import exp, log

from tests.corpus.loops.registry import Published, program

HULL = "Hull, Options, Futures, and Other Derivatives"


@program([(1000.0, 0.05, 10), (250.0, 0.11, 0)], argnums=(0, 1))
def compound_interest(principal, rate, years):
    balance = principal
    for year in range(1, years + 1):
        balance += balance * rate
        if year % 5 == 0:
            balance -= 10  # a fee
    return balance


@program(
    [(0.068, 3), (0.02, 6)],
    published=(
        Published(
            (0.0676, 4),
            1e-2,
            f"{HULL}, section 4.6: price 98.39 at a yield of 6.76 per cent",
            98.39,
        ),
    ),
)
def bond_price(y, n):
    """A bond of 100 that pays 3 each half year, the yield compounded continuously."""
    price = 0.0
    for k in range(1, n + 1):
        flow = 3.0
        if k == n:
            flow += 100
        price += flow * exp(-y * k / 2)
    return price


@program(
    [(0.12,), (0.05,)],
    published=(Published((0.12,), 1e-3, f"{HULL}, table 4.6: duration 2.653", 2.653),),
)
def duration(y):
    """Macaulay's, of a three-year bond with coupons of 10 a year, paid in halves."""
    price = weighted = 0.0
    for k, flow in enumerate([5.0] * 5 + [105.0], start=1):
        t = k / 2
        present = flow * exp(-y * t)
        price += present
        weighted += t * present
    return weighted / price


@program(
    [(0.12,), (0.07,)],
    published=(
        Published(
            (0.12,),
            2e-2,
            f"{HULL}, table 4.6: B = 94.213, dB/dy = -B D",
            94.213,
            (-94.213 * 2.653,),
        ),
    ),
)
def coupon_bond(y):
    return sum((105.0 if k == 6 else 5.0) * exp(-y * k / 2) for k in range(1, 7))


@program([([-100.0, 30.0, 40.0, 60.0],), ([-50.0, 60.0],)])
def internal_rate(flows):
    rate = 0.1
    for _ in range(40):
        value = slope = 0.0
        for t, flow in enumerate(flows):
            value += flow / (1 + rate) ** t
            slope -= t * flow / (1 + rate) ** (t + 1)
        change = value / slope
        rate -= change
        if abs(change) < 1e-13:
            break
    return rate


@program([([-100.0, 30.0, 40.0, 60.0], 0.08)], argnums=(0, 1))
def net_present_value(flows, rate):
    return sum(flow / (1 + rate) ** t for t, flow in enumerate(flows))


@program([(200.0, 0.04, 30), (10.0, 0.01, 3)], argnums=(0, 1))
def annuity(payment, rate, n):
    value = 0.0
    while n > 0:
        value = (value + payment) / (1 + rate)
        n -= 1
    return value


@program([(1000.0, 0.01, 90.0), (300.0, 0.02, 50.0)], argnums=(0, 1, 2))
def loan_total(principal, rate, payment):
    """What is paid until the debt is gone, the last payment being smaller."""
    debt, paid, months = principal, 0.0, 0
    while debt > 0:
        debt *= 1 + rate
        if debt <= payment:
            paid += debt
            break
        debt -= payment
        paid += payment
        months += 1
        if months > 600:
            raise ValueError("never paid back")
    return paid


BRACKETS = [(0, 0.1), (9525, 0.12), (38700, 0.22), (82500, 0.24)]


@program([(100000.0,), (20000.0,), (500.0,)])
def income_tax(income):
    tax = 0.0
    for (floor, rate), (ceiling, _) in zip(BRACKETS, BRACKETS[1:] + [(float("inf"), 0)]):  # noqa: B905
        if income <= floor:
            break
        tax += rate * (min(income, ceiling) - floor)
    return tax


@program([(60000.0, 1.1), (5000.0, 0.9), (25000.0, 1.0)], argnums=(0, 1))
def tax_with_early_returns(income, factor):
    limits = (10000.0, 40000.0)
    if income < limits[0]:
        return 0.1 * income * factor
    tax = 0.1 * limits[0]
    if income < limits[1]:
        return (tax + 0.2 * (income - limits[0])) * factor
    tax += 0.2 * (limits[1] - limits[0])
    return (tax + 0.4 * (income - limits[1])) * factor


@program([(1000.0, 0.07, 0.02)], argnums=(0, 1, 2))
def savings_plan(start, interest, inflation, years=12):
    real, nominal, deposit = start, start, 100.0
    for year in range(years):
        nominal = nominal * (1 + interest) + deposit
        deposit *= 1 + inflation
        real = nominal / (1 + inflation) ** (year + 1)
    return real


@program([([0.02, 0.025, 0.03],), ([0.05],)])
def bootstrapped_discount(par_rates):
    """Discount factors from par swap rates, the last one."""
    annuity_so_far = 0.0
    factor = 1.0
    for rate in par_rates:
        factor = (1 - rate * annuity_so_far) / (1 + rate)
        annuity_so_far += factor
    return factor - 0.1 * log(annuity_so_far)


@program([([10.0, 11.5, 9.0, 12.0, 8.5],), ([3.0, 2.0],)])
def max_drawdown(prices):
    peak, worst = prices[0], 0.0
    for price in prices:
        peak = max(peak, price)
        worst = max(worst, (peak - price) / peak)
    return worst


@program([([10.0, 11.5, 9.0, 12.0],)])
def log_return_variance(prices):
    returns = [log(b / a) for a, b in zip(prices, prices[1:])]  # noqa: B905, RUF007
    mean = sum(returns) / len(returns)
    return sum((r - mean) ** 2 for r in returns) / (len(returns) - 1)


@program([(1000.0, 0.3, 4), (100.0, 0.2, 2)], argnums=(0, 1))
def depreciation(cost, rate, years):
    value, charges = cost, 0.0
    for year in range(years):
        straight = value / (years - year)
        declining = value * rate
        charge = declining if declining > straight else straight
        value -= charge
        charges += charge / (1.05 ** (year + 1))
    return charges
