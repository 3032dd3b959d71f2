"""Lists that are spread out for a function of the user's that gathers its arguments."""

from tests.corpus.objects.registry import program


class Polynomial:
    def __init__(self, *coefficients):
        self.coefficients = list(coefficients)

    @classmethod
    def from_roots(cls, roots):
        made = cls(1.0)
        for root in roots:
            made = made * cls(-root, 1.0)
        return made

    def __mul__(self, other):
        if isinstance(other, (int, float)):
            return Polynomial(*[c * other for c in self.coefficients])
        product = [0.0] * (len(self.coefficients) + len(other.coefficients) - 1)
        for i, a in enumerate(self.coefficients):
            for j, b in enumerate(other.coefficients):
                product[i + j] += a * b
        return Polynomial(*product)

    def __neg__(self):
        return self * -1.0

    def derived(self):
        return Polynomial(*[k * c for k, c in enumerate(self.coefficients)][1:])

    def __call__(self, x):
        value = 0.0
        for c in reversed(self.coefficients):
            value = value * x + c
        return value

    def __setitem__(self, k, value):
        self.coefficients[k] = value


def weighted(w, *xs):
    return w * sum(xs) + len(xs) * xs[0]


@program([([0.5, -1.0, 2.0], 1.3), ([], 1.3)], argnums=(0, 1))
def polynomial_of_roots(roots, x):
    p = Polynomial.from_roots(roots)
    return (-p)(x) + p.derived()(x) ** 2


@program([([1.0, -3.0, 0.5, 0.2], 2.0)], argnums=(0, 1))
def root_by_newton(coefficients, x):
    p = Polynomial(*coefficients)
    slope = p.derived()
    for _ in range(4):
        x -= p(x) / slope(x)
    p[0] = x
    return p(x) + coefficients[0]


@program([([1.0, 2.0, 3.0], 0.5)], argnums=(0, 1))
def gathered_behind_another(xs, w):
    ys = [x * w for x in xs]
    return weighted(w, *ys) + weighted(xs[0], *xs)


@program([([1.0, 2.0, 3.0], 0.5)], argnums=(0, 1))
def gathered_before_a_change(xs, x):
    """What was gathered does not change with the list that it came from."""

    def replaced(*items):
        xs[0] = x
        return items[0] * x

    return replaced(*xs) + xs[0]
