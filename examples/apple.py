"""What two apples cost with tax, and how the total follows each number that went in.

The smallest computation with something in between: price times number is a subtotal,
subtotal times tax is the total.  The example prints

- the total and its three derivatives, from the gradient that sourcediff compiled,
- the source of that gradient: plain Python, which a person could have written,
- the adjoints of the values in between (how the total follows the subtotal, and itself).
  A gradient has no need to give these away, so they come from the reference tape, which
  records every operation as it happens and keeps a derivative beside every value.
"""

from sourcediff import grad
from sourcediff.tape import NumberWithGrad

PRICE, NUMBER, TAX = 100, 2, 1.1


def total(price, number, tax):
    subtotal = price * number
    return subtotal * tax


total_gradient = grad(total, argnums=("price", "number", "tax"))


def adjoints_in_between(price, number, tax):
    """Returns the derivatives of the total with respect to the subtotal and to itself."""
    subtotal = NumberWithGrad(price) * NumberWithGrad(number)
    total = subtotal * NumberWithGrad(tax)
    total.backward()
    return subtotal.grad, total.grad


def main():
    print(f"{NUMBER} apples at {PRICE}, times {TAX} for tax: {total(PRICE, NUMBER, TAX):g}")

    by_price, by_number, by_tax = total_gradient(PRICE, NUMBER, TAX)
    print("\nDerivative of the total with respect to")
    print(f"  price     {by_price:g}")
    print(f"  number    {by_number:g}")
    print(f"  tax       {by_tax:g}")

    by_subtotal, by_total = adjoints_in_between(PRICE, NUMBER, TAX)
    print("\nAnd to the values in between, by the reference tape")
    print(f"  subtotal  {by_subtotal:g}")
    print(f"  total     {by_total:g}")

    print("\nThe generated source:\n")
    print(total_gradient.source.strip())


if __name__ == "__main__":
    main()
