def grad_income_tax(income, allowance):
    taxable = income - allowance
    if taxable <= 0.0:
        taxable_bar = 0.0
    elif taxable <= 40000.0:
        # adjoint of: tax = 0.2 * taxable
        taxable_bar = 0.2
    elif taxable <= 120000.0:
        # adjoint of: tax = 8_000.0 + 0.4 * (taxable - 40_000.0)
        taxable_bar = 0.4
    else:
        # adjoint of: tax = 40_000.0 + 0.45 * (taxable - 120_000.0)
        taxable_bar = 0.45
    # adjoint of: taxable = income - allowance
    allowance_bar = -taxable_bar
    return taxable_bar, allowance_bar
