"""Classes that share: inheritance, properties, protocols, iteration, shared and linked objects."""

import math

from tests.corpus.whole.registry import program


class Shape:
    density = 1.0

    def __init__(self, size):
        self.size = size

    def area(self):
        raise NotImplementedError

    def mass(self):
        return self.density * self.area()


class Disc(Shape):
    def area(self):
        return math.pi * self.size**2


class Plate(Shape):
    density = 2.5

    def __init__(self, size, aspect):
        super().__init__(size)
        self.aspect = aspect

    def area(self):
        return self.size * self.size * self.aspect


@program(lambda: [(0.5, 1.5, 2.0), (1.0, 0.1, 0.3)], argnums=(0, 1, 2))
def total_mass(radius, side, aspect):
    """Virtual methods over a list of unlike objects."""
    parts = [Disc(radius), Plate(side, aspect), Disc(side)]
    parts[2].density = 0.5 * radius
    total = 0.0
    for part in parts:
        total += part.mass()
    return total


@program(raising=lambda: [(1.0,)])
def abstract_mass(size):
    """The base class has no area."""
    return Shape(size).mass()


class Celsius:
    """A temperature with a checked setter and a derived property."""

    def __init__(self, degrees):
        self.degrees = degrees

    @property
    def kelvin(self):
        return self.degrees + 273.15

    @kelvin.setter
    def kelvin(self, value):
        if value < 0:
            raise ValueError("below absolute zero")
        self.degrees = value - 273.15

    @classmethod
    def from_fahrenheit(cls, f):
        return cls((f - 32) / 1.8)

    @staticmethod
    def saturation(t):
        return 6.112 * math.exp(17.67 * t / (t + 243.5))


@program(lambda: [(68.0, 1.02), (104.0, 0.95)], argnums=(0, 1), raising=lambda: [(68.0, -1.0)])
def dew_point_change(fahrenheit, factor):
    """A property is set from itself; class and static methods."""
    air = Celsius.from_fahrenheit(fahrenheit)
    before = Celsius.saturation(air.degrees)
    air.kelvin *= factor
    return air.saturation(air.degrees) / before


class Samples:
    """A container of its own: length, indexing, iteration, membership."""

    def __init__(self, values):
        self._values = values

    def __len__(self):
        return len(self._values)

    def __getitem__(self, i):
        return self._values[i]

    def __setitem__(self, i, value):
        self._values[i] = value

    def __iter__(self):
        return iter(self._values)

    def mean(self):
        return sum(self) / len(self)


@program(lambda: [([1.0, 3.0, 2.5, -0.5],), ([2.0],)], raising=lambda: [([],)])
def container_protocol(values):
    """Writes through an index, then iterates."""
    s = Samples(values)
    s[0] = s[-1] * s[0]
    s[len(s) // 2] += 1.5
    m = s.mean()
    return sum((v - m) ** 2 for v in s) + 0.1 * m


class Countdown:
    """An iterator with state."""

    def __init__(self, x, n):
        self.x = x
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        self.x = 0.7 * self.x + 0.1 * self.n
        return self.x


@program(lambda: [(1.5, 5), (-0.3, 1), (1.5, 0)])
def sum_of_iterator(x, n):
    """A for loop over an object with __next__."""
    total = x
    for value in Countdown(x, n):
        total += value * value
    return total


class Scaled:
    """A context manager that restores what it changed."""

    def __init__(self, target, factor):
        self.target = target
        self.factor = factor

    def __enter__(self):
        self.saved = self.target.gain
        self.target.gain *= self.factor
        return self.target

    def __exit__(self, kind, error, trace):
        self.target.gain = self.saved
        return kind is ZeroDivisionError


class Amplifier:
    def __init__(self, gain):
        self.gain = gain

    def push(self, v):
        return math.tanh(self.gain * v)


@program(lambda: [(0.8, 2.0, 0.5), (0.8, 0.0, 0.5)], argnums=(0, 2))
def within_context(gain, load, x):
    """Inside the with the gain differs; a division by zero there is swallowed."""
    amp = Amplifier(gain)
    y = amp.push(x)
    with Scaled(amp, 3.0) as loud:
        y += loud.push(x)
        y += x / load
    return y + amp.gain * amp.push(2 * x)


class Node:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next


@program(lambda: [([1.0, 0.5, -0.3],), ([2.0],), ([],)])
def linked_list(values):
    """Builds a chain from the back and walks it with a decaying weight."""
    head = None
    for v in reversed(values):
        head = Node(v * v, head)
    total, weight = 0.0, 1.0
    node = head
    while node is not None:
        total += weight * node.value
        weight *= 0.5
        node = node.next
    return total


class Spring:
    """Holds on to the two bodies that it joins: the bodies are shared between springs."""

    def __init__(self, a, b, k, rest):
        self.a, self.b, self.k, self.rest = a, b, k, rest

    def pull(self, dt):
        stretch = self.b.x - self.a.x - self.rest
        self.a.v += dt * self.k * stretch
        self.b.v -= dt * self.k * stretch


class Body:
    def __init__(self, x):
        self.x = x
        self.v = 0.0


@program(lambda: [([0.0, 1.3, 2.1], 2.0, 8), ([0.0, 0.5], 1.0, 0)], argnums=(0, 1))
def spring_chain(xs, k, steps):
    """Springs in a list alias bodies in a list."""
    bodies = [Body(x) for x in xs]
    springs = [Spring(bodies[i], bodies[i + 1], k, rest=1.0) for i in range(len(bodies) - 1)]
    for _ in range(steps):
        for spring in springs:
            spring.pull(0.1)
        for body in bodies:
            body.x += 0.1 * body.v
    return sum(b.x * b.x + b.v * b.v for b in bodies)


class Dual:
    """Forward-mode numbers: a program that differentiates itself."""

    def __init__(self, a, b=0.0):
        self.a = a
        self.b = b

    def __add__(self, other):
        return Dual(self.a + other.a, self.b + other.b)

    def __mul__(self, other):
        return Dual(self.a * other.a, self.a * other.b + self.b * other.a)

    def sin(self):
        return Dual(math.sin(self.a), math.cos(self.a) * self.b)


@program(lambda: [(0.7, 3), (-1.2, 0)])
def dual_numbers(x, n):
    """The slope of an iterated map, carried along by operators."""
    z = Dual(x, 1.0)
    c = Dual(0.3)
    for _ in range(n):
        z = z * z.sin() + c
    return z.b + z.a


class EMA:
    """A smoother that other objects own."""

    def __init__(self, alpha):
        self.alpha = alpha
        self.level = None

    def update(self, value):
        if self.level is None:
            self.level = value
        else:
            self.level += self.alpha * (value - self.level)
        return self.level


@program(
    lambda: [([1.0, 1.2, 0.9, 1.4], 0.5, 0.2), ([1.0], 0.5, 0.2), ([], 0.5, 0.2)], argnums=(0, 1, 2)
)
def crossing_averages(prices, fast, slow):
    """Two smoothers; trades on the side of the faster one."""
    quick, calm = EMA(alpha=fast), EMA(slow)
    gain, last = 0.0, None
    for price in prices:
        if last is not None and quick.level >= calm.level:
            gain += price - last
        quick.update(price)
        calm.update(price)
        last = price
    return gain + (quick.level - calm.level if last is not None else 0.0)
