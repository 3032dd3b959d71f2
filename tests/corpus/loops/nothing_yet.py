"""Variables that are None at first: `best = None`, then `if best is None or x > best: …`."""

from tests.corpus.loops.registry import program


@program([([1.0, 3.0, 2.0],), ([2.0],)])
def largest_so_far(xs):
    best = None
    for x in xs:
        if best is None or x > best:
            best = x
    return best * best


@program([([1.0, 3.0, 2.5, 0.5],), ([2.0],), ([],)])
def steps_squared(xs):
    last = None
    t = 0.0
    for x in xs:
        if last is not None:
            t += (x - last) ** 2
        last = x
    return t


@program([([1.0, 3.0, 2.5],), ([],)])
def steps_chosen(xs):
    last = None
    t = 0.0
    for x in xs:
        d = 0.0 if last is None else x - last
        t += d * d
        last = x
    return t


@program([([1.0, 3.0, 2.0],), ([3.0, 2.0, 1.0],)])
def least_product(xs):
    best = None
    for i in range(len(xs)):
        v = xs[i] * xs[i - 1]
        if best is None:
            best = v
        elif v < best:
            best = v
    return best


@program([([1.0, 3.0, 2.0, 0.5],)])
def spread(xs):
    lo = hi = None
    for x in xs:
        if lo is None or x < lo:
            lo = x
        if hi is None or x > hi:
            hi = x
    return hi - lo


@program([([1.0, 3.0, 2.0, 4.0],)])
def best_and_where(xs):
    best = None
    where = None
    for i, x in enumerate(xs):
        if best is not None and x <= best:
            continue
        best, where = x * xs[0], i
    return best * (where + 1)


@program([([1.0, 1.2, 3.0],), ([1.6, 2.7, 1.9],), ([1.6, 4.1, 1.9],), ([],)])
def previous_forgotten(xs):
    prev = None
    t = 0.0
    for x in xs:
        if prev is None:
            prev = x
            continue
        t += (x - prev) ** 2
        if t > 5.0:
            break
        prev = x if x > 1.5 else None
    if prev is None:
        return t * t
    return t * prev


@program([(2.0,), (0.6,)])
def none_until_small(x):
    y = None
    while y is None:
        x = x * 0.7
        if x < 0.5:
            y = x * x
    return y


@program([([[1.0, 3.0, 2.0], [], [2.0, 1.0]],)])
def largest_of_each(xss):
    t = 0.0
    for xs in xss:
        best = None
        for x in xs:
            if best is None or best < x:
                best = x
        if best is not None:
            t += best * best
    return t


@program([(2.0,)])
def newton_until_still(a):
    x, last = a, None
    for _ in range(50):
        if last is not None and abs(x - last) < 1e-12:
            break
        last = x
        x = 0.5 * (x + a / x)
    return x


@program([([1.0, 3.0, 2.0], 2.5), ([1.0], 5.0), ([], 5.0)], argnums=(0, 1))
def first_over(xs, c):
    found = None
    for x in xs:
        if x > c:
            found = x * c
            break
    if found is None:
        return c
    return found
