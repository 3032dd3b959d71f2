def grad_bank_account(x, rate):
    account_balance_bar = 1.0
    x_bar = 0.0
    for _ in range(5):
        # adjoint of: self.balance += interest - self.fee
        interest_bar = -0.1 + account_balance_bar
        # adjoint of: interest = self.balance * self.rate
        account_balance_bar += interest_bar * rate
        # adjoint of: account.deposit(x * x)
        x_bar += 2.0 * account_balance_bar * x
    # adjoint of: account = Account(100.0 * x, rate)
    return x_bar + 100.0 * account_balance_bar
