"""The derivative of the sigmoid at 2, and the source that computes it.

Worth a look in the source: the exponential is computed once and serves the value and the
derivative, and the derivative of the division is made from the quotient y that is there
already (the derivative of 1 / u is -y * y), so that no power and no second division is
needed.
"""

import math

from sourcediff import grad

X = 2.0


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


sigmoid_gradient = grad(sigmoid)


def main():
    print(f"sigmoid({X:g})    {sigmoid(X):.10f}")
    print(f"derivative    {sigmoid_gradient(X):.10f}")
    print("\nThe generated source:\n")
    print(sigmoid_gradient.source.strip())


if __name__ == "__main__":
    main()
