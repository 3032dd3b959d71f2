def grad_charges(x, rate):
    amount = x * x
    # adjoint of: pay(x * x)
    x_bar = 2.0 * rate * x
    # adjoint of: paid = paid + amount * rate
    x_bar += rate
    rate_bar = amount + x
    return x_bar, rate_bar
