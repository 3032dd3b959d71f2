"""Objects of the user's own in `with` statements, and the first item of something."""

from tests.corpus.objects.registry import program


class Meter:
    def __init__(self, scale):
        self.scale = scale
        self.total = 0.0

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.total *= self.scale
        return False

    def add(self, x):
        self.total += x


class Pushed:
    """Puts a value on a list while the body runs."""

    def __init__(self, values, value):
        self.values = values
        self.value = value

    def __enter__(self):
        self.values.append(self.value)
        return self.values

    def __exit__(self, kind, error, trace):
        self.values.pop()


class Announced:
    def __enter__(self):
        print("begin")

    def __exit__(self, *exc):
        print("end")


@program([(2.0, 0.7), (-1.0, 0.5)], argnums=(0, 1))
def metered(x, scale):
    with Meter(scale) as meter:
        meter.add(x)
        meter.add(x**2)
    return meter.total * x


@program([(2.0, 0.7)], argnums=(0, 1))
def metered_within_metered(x, scale):
    with Meter(scale) as one, Meter(x) as other:
        one.add(x)
        other.add(one.total)
        with one:
            other.add(one.total * scale)
    return one.total * other.total


@program([([2.0, 0.7],), ([],)])
def pushed_in_a_loop(xs):
    values = [0.5]
    total = 0.0
    for x in xs:
        with Pushed(values, x) as now:
            now[0] += x
            total += now[-1] * x * now[0]
    return total * len(values)


@program([(2.0,), (0.5,)])
def returned_from_within(x):
    with Announced():
        if x > 1:
            return x * x
    return x


@program([([2.0, 3.0, 1.0],)])
def left_from_within(xs):
    total = 0.0
    meter = Meter(2.0)
    for x in xs:
        with meter:
            meter.add(x)
            if meter.total > 8:
                break
        total += meter.total
    return total + meter.total


@program([(2.0, 0.0), (2.0, 4.0)], argnums=(0,))
def raised_within(x, y):
    meter = Meter(x)
    try:
        with meter:
            meter.add(x)
            meter.add(1 / y)
    except ZeroDivisionError:
        meter.add(3.0)
    return meter.total


@program([([0.0, 1.0, 2.0], [0.5, 1.0, 3.0], 1.3), ([0.0, 1.0, 2.0], [0.5, 1.0, 3.0], 0.0)])
def interval_found(knots, values, x):
    i = next(i for i in range(len(knots) - 1) if x <= knots[i + 1])
    t = (x - knots[i]) / (knots[i + 1] - knots[i])
    return (1 - t) * values[i] + t * values[i + 1]


@program([([1.0, 2.0, 3.0], 1.5)], argnums=(0, 1))
def first_that_exceeds(xs, limit):
    best = next(x * x for x in xs if x > limit)
    place = next((i for i, x in enumerate(xs) if x > best), None)
    if place is None:
        return best * limit
    return xs[place] * best
