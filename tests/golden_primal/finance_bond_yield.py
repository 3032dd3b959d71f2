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
