# ruff: noqa: B905
"""Classes with operators and protocols: polynomials, vectors, intervals, matrices, sequences."""

import math
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

from tests.corpus.objects.registry import program


class Polynomial:
    def __init__(self, coefficients):
        self.c = list(coefficients)

    def __add__(self, other):
        n = max(len(self.c), len(other.c))
        a = self.c + [0.0] * (n - len(self.c))
        b = other.c + [0.0] * (n - len(other.c))
        return Polynomial([x + y for x, y in zip(a, b)])

    def __mul__(self, other):
        if isinstance(other, Polynomial):
            result = [0.0] * (len(self.c) + len(other.c) - 1)
            for i, x in enumerate(self.c):
                for j, y in enumerate(other.c):
                    result[i + j] += x * y
            return Polynomial(result)
        return Polynomial([x * other for x in self.c])

    __rmul__ = __mul__

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + (-other)

    def __call__(self, x):
        y = 0.0
        for c in reversed(self.c):
            y = y * x + c
        return y

    def derivative(self):
        return Polynomial([k * c for k, c in enumerate(self.c)][1:])

    def __len__(self):
        return len(self.c)

    def __getitem__(self, k):
        return self.c[k]


@program([([1.0, 2.0, 0.5], [0.3, -1.0], 0.7)], argnums=(0, 1, 2))
def polynomial_product(a, b, x):
    p, q = Polynomial(a), Polynomial(b)
    return (p * q + q)(x)


@program([([1.0, 2.0, 0.5], [0.3, -1.0], 0.7)], argnums=(0, 1, 2))
def polynomial_algebra(a, b, x):
    p, q = Polynomial(a), Polynomial(b)
    r = 2.0 * p - q * x
    return r.derivative()(x) * r[0] + len(r)


@program([([1.0, -3.0, 0.5, 0.2], 0.2, 4)], argnums=(0, 1))
def polynomial_root(c, x, steps):
    p = Polynomial(c)
    slope = p.derivative()
    for _ in range(steps):
        x -= p(x) / slope(x)
    return x


class Vec3:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, o):
        return Vec3(self.x + o.x, self.y + o.y, self.z + o.z)

    def __sub__(self, o):
        return Vec3(self.x - o.x, self.y - o.y, self.z - o.z)

    def __mul__(self, k):
        return Vec3(self.x * k, self.y * k, self.z * k)

    __rmul__ = __mul__

    def __iadd__(self, o):
        self.x += o.x
        self.y += o.y
        self.z += o.z
        return self

    def dot(self, o):
        return self.x * o.x + self.y * o.y + self.z * o.z

    def cross(self, o):
        return Vec3(
            self.y * o.z - self.z * o.y, self.z * o.x - self.x * o.z, self.x * o.y - self.y * o.x
        )

    def __abs__(self):
        return math.sqrt(self.dot(self))

    def __iter__(self):
        return iter((self.x, self.y, self.z))


@program([(1.0, 0.5, 0.3, 5)], argnums=(0, 1, 2))
def physics_step(vx, vz, field, steps):
    x, v, b = Vec3(0.0, 0.0, 0.0), Vec3(vx, 0.0, vz), Vec3(0.0, 0.0, field)
    for _ in range(steps):
        v = v + 0.1 * v.cross(b)
        x += v * 0.1
    return abs(x) + x.dot(v)


@program([(Vec3(1.0, 2.0, 0.5), Vec3(0.3, -1.0, 0.7))], argnums=(0, 1))
def vectors_handed_in(a, b):
    a += b * 0.5
    return abs(a.cross(b)) + a.x


@dataclass(frozen=True)
class Dual:
    value: float
    slope: float = 0.0

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    __radd__ = __add__

    def __mul__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    __rmul__ = __mul__


@program([(0.7, 1.3)], argnums=(0, 1))
def dual_numbers(x, k):
    """Forward mode by hand, differentiated."""
    d = Dual(x, 1.0)
    y = 3 * d * d * d + d * k + 1
    return y.value * y.slope


@dataclass
class Interval:
    low: float
    high: float

    def __add__(self, other):
        return Interval(self.low + other.low, self.high + other.high)

    def __mul__(self, other):
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    @property
    def width(self):
        return self.high - self.low


@program([(0.5, 1.5, -0.3, 0.8)], argnums=(0, 1, 2, 3))
def intervals(a, b, c, d):
    one, other = Interval(a, b), Interval(c, d)
    return (one * other + one).width * one.width


class Matrix:
    def __init__(self, rows):
        self.rows = rows

    def __getitem__(self, place):
        i, j = place
        return self.rows[i][j]

    def __setitem__(self, place, value):
        i, j = place
        self.rows[i][j] = value

    def __matmul__(self, other):
        return Matrix(
            [[sum(a * b for a, b in zip(r, c)) for c in zip(*other.rows)] for r in self.rows]
        )

    def trace(self):
        return sum(self.rows[i][i] for i in range(len(self.rows)))


@program([([[1.0, 0.5], [0.2, 0.8]], 0.3)], argnums=(0, 1))
def matrix_class(rows, x):
    m = Matrix(rows)
    m[0, 1] = m[1, 0] * x
    m[1, 1] += x
    return (m @ m).trace()


class Signal:
    def __init__(self, samples):
        self.samples = samples

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, i):
        return self.samples[i]

    def __setitem__(self, i, value):
        self.samples[i] = value

    def __contains__(self, value):
        return value in self.samples


@program([([0.5, 1.5, -0.3], 0.8)], argnums=(0, 1))
def signal_class(xs, gain):
    s = Signal(xs)
    for i in range(1, len(s)):
        s[i] = s[i] + gain * s[i - 1]
    return sum(s[i] ** 2 for i in range(len(s))) + s[-1]


class Shape:
    def __init__(self, scale):
        self.scale = scale

    def area(self):
        raise NotImplementedError

    def cost(self, price):
        return price * self.area() * self.scale


class Circle(Shape):
    def __init__(self, scale, radius):
        super().__init__(scale)
        self.radius = radius

    def area(self):
        return math.pi * self.radius**2


class Box(Shape):
    def __init__(self, scale, width, height):
        super().__init__(scale)
        self.width, self.height = width, height

    def area(self):
        return self.width * self.height


class Square(Box):
    def __init__(self, scale, side):
        super().__init__(scale, side, side)


@program([(1.5, 0.7, 2.0)], argnums=(0, 1, 2))
def shapes(r, side, price):
    """Methods that are looked up by the class of each object."""
    return sum(s.cost(price) for s in (Circle(1.0, r), Box(0.5, side, r), Square(2.0, side)))


@program([([Circle(1.0, 0.5), Box(0.5, 1.0, 2.0), Circle(0.3, 1.2)], 2.0)], argnums=(0, 1))
def shapes_in_a_list(shapes, price):
    """The same of a list in which they are mixed."""
    return sum(s.cost(price) for s in shapes)


class Counted:
    made = 0

    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return isinstance(other, Counted) and self.x == other.x

    __hash__ = None

    def __lt__(self, other):
        return self.x < other.x

    def __bool__(self):
        return self.x > 0


@program([(1.5, 0.7), (0.2, 0.9)], argnums=(0, 1))
def compared(a, b):
    """Comparison and truth by methods."""
    one, other = Counted(a), Counted(b)
    low = one if one < other else other
    scale = 2.0 if one else 3.0
    return low.x * scale + (0.0 if one == other else a * b)


class Affine(NamedTuple):
    slope: float
    offset: float

    def __call__(self, x):
        return self.slope * x + self.offset

    def then(self, other):
        return Affine(self.slope * other.slope, other.slope * self.offset + other.offset)


@program([(1.5, 0.7, 0.3), (0.2, 0.9, 1.0)], argnums=(0, 1, 2))
def composed(a, b, x):
    f = Affine(a, b)
    g = f.then(Affine(b, a)).then(f)
    return g(x) * g.offset


@program([(Affine(1.5, 0.7), 0.3)], argnums=(0, 1))
def named_tuple_handed_in(f, x):
    slope, offset = f
    return f(x) * slope + f[1] * offset


@program([([0.5, 1.2, 0.8],)])
def reduced_vectors(xs):
    total = reduce(lambda a, b: a + b, [Vec3(x, x * x, 1.0) for x in xs])
    return total.x * total.y + total.z


@program([(1.2, 0.4)], argnums=(0, 1))
def spread_vector(a, b):
    """An object that is unpacked by its `__iter__`."""
    x, y, z = Vec3(a, b, a * b)
    return x * y + z * z


class Lens:
    def __init__(self, power):
        self.power = power
        self.next = None

    def through(self, y, angle):
        angle = angle - self.power * y
        if self.next is None:
            return y + angle
        return self.next.through(y + angle, angle)


@program([(0.5, 1.2, 0.1)], argnums=(0, 1, 2))
def chain_of_lenses(p, q, y):
    """Objects in a chain, each of which calls the next one."""
    first, second = Lens(p), Lens(q)
    first.next = second
    return first.through(y, 0.2)
