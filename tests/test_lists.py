"""Gradients of functions that make lists, change them, and add them up."""

import itertools
import math

import pytest

from sourcediff import DifferentiationError, grad, tape, value_and_grad

PROGRAMS = []


def program(*args):
    def register(function):
        PROGRAMS.append(pytest.param(function, args, id=function.__name__))
        return function

    return register


@program([1.0, 2.0, 3.0])
def sum_of_squares(xs):
    return sum(x * x for x in xs)


@program([1.0, 2.0, 4.0])
def variance(xs):
    mean = sum(xs) / len(xs)
    return sum((x - mean) ** 2 for x in xs) / (len(xs) - 1)


@program([1.0, 5.0, 3.0])
def log_softmax(xs):
    top = max(xs)
    es = [math.exp(x - top) for x in xs]
    total = sum(es)
    ps = [e / total for e in es]
    return -math.log(ps[1])


@program([1.0, 5.0, 3.0])
def extremes(xs):
    return max(xs) * min(x * x for x in xs)


@program([1.0, 5.0, 3.0])
def filtered(xs):
    return sum(x**3 for x in xs if x > 2)


@program([1.0, 5.0, 3.0])
def filtered_list(xs):
    ys = [x * x for x in xs if x > 2]
    return ys[0] * ys[-1]


@program([1.0, 5.0, 3.0])
def pairs(xs):
    return math.fsum(abs(xs[i] - xs[j]) for i in range(len(xs)) for j in range(i))


@program([[1.0, 2.0], [3.0, 4.0]], [1.0, -2.0])
def matrix_vector(m, x):
    y = [sum(a * b for a, b in zip(row, x, strict=False)) for row in m]
    return sum(v * v for v in y)


@program([1.0, 5.0, 3.0])
def roughness(xs):
    return sum((b - a) ** 2 for a, b in itertools.pairwise(xs)) * xs[-1]


@program([1.0, 5.0, 3.0])
def unpacked(xs):
    a, b, c = xs
    return a * b + c


@program([1.0, 5.0, 3.0])
def appended_under_a_test(xs):
    ys = []
    for x in xs:
        if x > 2:
            ys.append(math.sin(x))
        else:
            ys.append(x * x)
            ys.append(x)
    return sum(y * k for k, y in enumerate(ys))


@program(0.5)
def recurrence(x):
    u = [0.0] * 5
    u[0] = x
    for i in range(1, 5):
        u[i] = math.sin(u[i - 1]) + u[i - 1] ** 2
    return u[-1] * u[2]


@program([0.0, 1.0, 0.5, -0.3], 0.1)
def heat(u, k):
    for _ in range(4):
        for i in range(1, len(u) - 1):
            u[i] += k * (u[i - 1] - 2 * u[i] + u[i + 1])
    return sum(v * v for v in u)


@program([0.0, 1.0, 0.5, -0.3], 0.1)
def heat_by_two_buffers(u, k):
    for _ in range(3):
        new = list(u)
        for i in range(1, len(u) - 1):
            new[i] = u[i] + k * (u[i - 1] - 2 * u[i] + u[i + 1])
        u = new
    return sum(v * v for v in u)


@program(100.0, 4)
def binomial_tree(spot, n):
    values = [max(spot * 1.1 ** (2 * j - n) - 95.0, 0.0) for j in range(n + 1)]
    for step in range(n):
        values = [0.6 * values[j + 1] + 0.39 * values[j] for j in range(n - step)]
    return values[0]


@program([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]])
def log_determinant(a):
    n = len(a)
    low = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            s = sum(low[i][k] * low[j][k] for k in range(j))
            if i == j:
                low[i][i] = math.sqrt(a[i][i] - s)
            else:
                low[i][j] = (a[i][j] - s) / low[j][j]
    return 2 * sum(math.log(low[i][i]) for i in range(n))


@program([1.0, 2.0, 3.0])
def taken_from_the_end(xs):
    stack = [x * x for x in xs]
    total = 0.0
    while stack:
        total = total * 2 + stack.pop()
    return total


@program([1.0, 2.0, 3.0], [0.5, 0.25])
def joined(xs, ys):
    both = xs + [y * y for y in ys]
    both += xs
    return sum(v * k for k, v in enumerate(both))


@program([3.0, 1.0, 2.0])
def chosen_list(xs):
    ys = [2.0 * x for x in xs]
    zs = ys if xs[0] > 2 else xs
    return sum(z * z for z in zs) + ys[1]


@program(1.5)
def computed_place(x):
    items = [x, x * x, 3.0]
    total = 0.0
    for k in range(6):
        total += items[k % 3] * k
    return total


@program([1.0, 2.0], 0)
def no_turns(xs, n):
    ys = [x * 2 for x in xs[:n]]
    for _ in range(n):
        ys.append(xs[0])
    return xs[1] * 3 + len(ys)


@program([1.0, 5.0, 3.0])
def read_before_and_after_a_branch(xs):
    if xs[0] > 0.5:
        xs[0] = xs[1] * xs[2]
    else:
        xs[1] = xs[0]
    return xs[0] * xs[2]


@program([0.7, 1.3, 0.4], 0.9)
def summed_under_a_test(xs, a):
    total = (a if a < 0.7 else sum(x * a for x in xs)) * xs[0]
    xs[1] = 0.5
    return total


@program([1.3, 2.0, 3.0], 0.5)
def appended_behind_an_exit(xs, a):
    for k in range(4):
        if len(xs) > 3:
            ys = [x * x for x in xs]
            if ys[0] < k:
                break
        xs.append(a)
    return sum(x * (k + 1) for k, x in enumerate(xs))


@program([1.3, 2.0, 3.0])
def extended_by_constants(xs):
    more = [1.0]
    more.append(2.0)
    ys = [x * x for x in xs]
    ys.extend(more)
    more.append(5.0)
    ys += more
    return sum(y * y * (k + 1) for k, y in enumerate(ys))


@program([1.0, -2.0, 3.0])
def decided_by_any(xs):
    if any(x < 0 for x in xs):
        return xs[0] * xs[1]
    return sum(xs)


@program([1.5, 2.0, 3.0])
def decided_by_the_list(xs):
    ys = []
    for x in xs:
        ys.append(x * (ys[-1] if ys else 1.0))
    while ys and len(ys) > 2:
        ys.pop()
    return ys[-1] + ys[0]


@program([1.0, 2.0, 3.0])
def overwritten(xs):
    ys = [x * x for x in xs]
    ys[1] = ys[0] * ys[2]
    ys[0] = 1.0
    return sum(ys)


def leaves(tree):
    return [v for part in tree for v in leaves(part)] if isinstance(tree, list | tuple) else [tree]


def rebuilt(tree, values):
    if isinstance(tree, list | tuple):
        return type(tree)(rebuilt(part, values) for part in tree)
    return next(values) if isinstance(tree, float) else tree


def differences(function, args, step):
    """The central differences with respect to every float of the arguments but the last, if int."""
    found = []
    flat = [v for v in leaves(args) if isinstance(v, float)]
    for place in range(len(flat)):
        sides = []
        for sign in (1, -1):
            moved = list(flat)
            moved[place] += sign * step
            values = iter(moved)
            sides.append(function(*[rebuilt(arg, values) for arg in args]))
        found.append((sides[0] - sides[1]) / (2 * step))
    return found


def wrt(args):
    return tuple(k for k, arg in enumerate(args) if not isinstance(arg, int))


def copied(args):
    return [rebuilt(arg, iter(leaves(arg))) if isinstance(arg, list) else arg for arg in args]


@pytest.mark.parametrize(("function", "args"), PROGRAMS)
def test_gradients_are_those_of_differences(function, args):
    given = copied(args)
    value, gradient = value_and_grad(function, argnums=wrt(args))(*given)
    assert given == copied(args), "the arguments were changed"
    assert value == function(*copied(args))
    assert leaves(gradient) == pytest.approx(differences(function, args, 1e-6), rel=1e-6, abs=1e-7)


@pytest.mark.parametrize(("function", "args"), [p for p in PROGRAMS if p.id != "chosen_list"])
def test_second_derivatives_are_those_of_differences(function, args):
    first = grad(function, argnums=wrt(args))
    weights = [math.sin(k + 1.0) for k in range(len(leaves(args)))]

    def along(*args):
        return sum(w * g for w, g in zip(weights, leaves(first(*args)), strict=False))

    expected = differences(along, args, 1e-5)
    total = [0.0] * len(expected)
    # The derivative of each entry of the gradient, weighted: the gradient of `along`.
    for place, weight in enumerate(weights[: len(expected)]):
        entry = second(function, args, place)
        total = [t + weight * e for t, e in zip(total, entry, strict=False)]
    assert total == pytest.approx(expected, rel=1e-5, abs=1e-5)


@pytest.mark.usefixtures("clean_road_only")
def test_a_list_with_two_names_is_refused_at_the_second_order():
    first = grad(chosen_list)
    with pytest.raises(DifferentiationError, match="two names"):
        grad(lambda xs: first(xs)[0])([3.0, 1.0, 2.0])


def second(function, args, place):
    """The gradient of one entry of the gradient."""
    first = grad(function, argnums=wrt(args))
    structure = wrt(args)
    owner, inner = 0, place
    while inner >= len(leaves(args[structure[owner]])):
        inner -= len(leaves(args[structure[owner]]))
        owner += 1
    nested = isinstance(args[structure[owner]], list | tuple)
    rows = nested and isinstance(args[structure[owner]][0], list | tuple)
    width = len(args[structure[owner]][0]) if rows else 0
    if rows:
        row, column = divmod(inner, width)
        names = {"first": first, "owner": owner, "row": row, "column": column}
        entry = _entry(len(args), "[owner][row][column]", names)
    elif nested:
        entry = _entry(
            len(args), "[owner][inner]", {"first": first, "owner": owner, "inner": inner}
        )
    else:
        entry = _entry(len(args), "[owner]", {"first": first, "owner": owner})
    return leaves(grad(entry, argnums=structure)(*copied(args)))


def _entry(count, index, names):
    import linecache

    parameters = ", ".join("abcd"[:count])
    for name, value in names.items():
        if name != "first":
            index = index.replace(name, str(value))
    text = f"def entry({parameters}):\n    return first({parameters}){index}\n"
    file = f"<entry {len(linecache.cache)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    exec(compile(text, file, "exec"), names)
    return names["entry"]


@pytest.mark.usefixtures("clean_road_only")
def test_one_list_in_two_places_is_refused_where_it_is_changed():
    def moved(u, v):
        u[0] = v[1] * 2.0
        return sum(u) * v[0]

    shared = [1.0, 2.0]
    assert grad(moved)([1.0, 2.0], [3.0, 4.0]) == [0.0, 3.0]
    with pytest.raises(DifferentiationError, match="in two places"):
        grad(moved)(shared, shared)
    assert shared == [1.0, 2.0]


@pytest.mark.usefixtures("clean_road_only")
def test_a_list_that_is_extended_by_itself_is_refused():
    def doubled(xs):
        xs.extend(xs)
        return xs[-1]

    with pytest.raises(DifferentiationError, match="extended by itself"):
        grad(doubled)([1.0, 2.0])


@pytest.mark.usefixtures("clean_road_only")
def test_a_list_that_grows_under_a_loop_is_refused():
    def chase(x, n):
        xs = [x]
        for v in xs:
            if len(xs) < n:
                xs.append(0.5 * v)
        return sum(xs)

    with pytest.raises(DifferentiationError, match="longer or shorter"):
        grad(chase)(1.0, 4.0)


@pytest.mark.usefixtures("clean_road_only")
def test_a_list_of_lists_that_is_ragged_in_depth_is_refused():
    with pytest.raises(DifferentiationError, match="several types"):
        grad(lambda rows: rows[0][0])([[1.0], [[2.0]]])


def test_an_iterator_is_made_once_at_the_second_order():
    first = grad(summed_under_a_test, argnums=(0, 1))

    def along(xs, a):
        by_xs, by_a = first(xs, a)
        return sum(v * (k + 0.5) for k, v in enumerate(by_xs)) + by_a

    args = ([0.7, 1.3, 0.4], 0.9)
    expected = differences(along, args, 1e-5)
    assert leaves(grad(along, argnums=(0, 1))(*args)) == pytest.approx(expected, rel=1e-6)


def test_comprehensions_come_back_as_such():
    derivative = grad(sum_of_squares)
    derivative([1.0])
    assert "return [2.0 * x for x in xs]" in derivative.source


# Rows put where they are --------------------------------------------------------------------


def row_put_where_it_is(m):
    m[0] = m[0]
    return m[0][0] * 2 + m[1][0]


def row_put_where_it_may_be(m):
    for i in (1, 0):
        m[0] = m[i]
    return m[0][0] * 2 + m[1][0] * 5 + m[0][1]


@pytest.mark.parametrize("function", [row_put_where_it_is, row_put_where_it_may_be])
def test_a_row_that_is_put_where_it_is_keeps_its_adjoint(function):
    """It was added to what was then emptied."""
    given = [[1.0, 2.0], [3.0, 4.0]]
    assert grad(function)(given) == tape.gradient(function, given)
