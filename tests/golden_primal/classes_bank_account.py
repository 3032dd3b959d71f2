from tests.corpus.whole.classes import Account


def bank_account(start, rate, movements):
    """Deposits, withdrawals and one that is refused at a fee."""
    account = Account(start, rate)
    fees = 0.0
    for m in movements:
        if m >= 0:
            account.deposit(m)
        elif not account.withdraw(-m):
            fees += 0.01 * -m
        account.month()
    return account.balance - fees + 0.001 * sum(h * h for h in account.history)
