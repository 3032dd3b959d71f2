"""Gradients of loops and lists that once came out wrong; each with its cause."""

import math

import pytest

from sourcediff import DifferentiationError, grad, tape, value_and_grad
from sourcediff.transform.loops.policy import keeping_everything
from tests.differences import difference
from tests.turns import loaded


def agrees(function, point, argnums):
    """Whether gradient and tape agree, where the tape multiplies no zero by an infinity."""
    found = grad(function, argnums=argnums)(*point)
    expected = tape.gradient(function, *point, argnums=argnums)
    return all(
        math.isclose(a, b, rel_tol=1e-10, abs_tol=1e-12)
        for a, b in zip(found, expected, strict=True)
    )


def bends(function, point, place=0):
    """Whether the second derivative is the difference of the first."""
    slope = grad(function, argnums=place)
    expected = difference(slope, point, place)
    found = grad(slope, argnums=place)(*point)
    return math.isclose(found, expected.value, rel_tol=1e-7, abs_tol=1e-8)


def test_the_number_by_which_a_loop_ends_is_more_than_its_truth():
    """The reverse knew that it was not zero, and took it for True."""

    def f(a, b, n):
        result, base = (1.0, 0.5), (a, b)
        while n:
            if n & 1:
                result = (result[0] * base[0] + result[1] * base[1], result[1] * base[0])
            base = (base[0] * base[1], base[0] * base[0])
            n >>= 1
        return result[0]

    for n in (0, 1, 6, 11):
        assert agrees(f, (1.2, 0.7, n), (0, 1))


def test_the_slope_of_a_power_bends_where_its_exponent_is_zero():
    """The partial was cut off there, which is right in the value and wrong in its slope."""

    def f(x):
        return x ** (x - 2.0)

    def g(x):
        return math.pow(x, x - 2.0)

    for function in (f, g):
        assert bends(function, (2.0,))
        assert bends(function, (3.0,))


def test_a_copy_of_what_is_not_differentiated_is_changed():
    """What turns the copy round asked for the adjoints of a list that has none."""

    def f(points, t):
        mixed = list(points)
        for k in range(len(mixed) - 1):
            mixed[k] = mixed[k] * (1 - t) + mixed[k + 1] * t
        return mixed[0] * points[1]

    assert agrees(f, ([0.5, 0.1, 0.9], 0.3), (1,))
    assert bends(f, ([0.5, 0.1, 0.9], 0.3), 1)


def test_fifteen_loops_in_each_other():
    """What recomputing costs grows with each loop, and was taken for more than it can cost."""
    heads = [f"{'    ' * (d + 1)}for i{d} in range({2 if d < 3 else 1}):\n" for d in range(15)]
    body = f"{'    ' * 16}x = x * 1.1 + 0.1 * x * x * i0\n"
    function = loaded("def f(x):\n" + "".join(heads) + body + "    return x\n", "deep")
    assert agrees(function, (0.3,), (0,))


def test_a_sum_of_five_hundred_terms_in_and_outside_of_a_loop():
    """Whether it gives floats was asked of term after term, deeper and deeper."""
    terms = [f"{i} * x ** {i % 4} * y" for i in range(500)]
    few, all_of_them = " + ".join(terms[:150]), " + ".join(terms)
    text = f"def f(x, y, n):\n    for _ in range(n):\n        y = 1e-4 * ({few})\n"
    function = loaded(f"{text}    return y + 1e-3 * ({all_of_them})\n", "long")
    assert agrees(function, (0.3, 0.5, 2), (0, 1))
    assert value_and_grad(function)(0.3, 0.5, 1)[0] == function(0.3, 0.5, 1)


def test_what_a_comprehension_keeps_is_kept_of_all_turns_around_it():
    """The list was written as a comprehension, made anew by each turn."""

    def f(x, ys):
        for _ in range(2):
            x -= sum(y * 1.38 for y in ys if y > 0.2) * 0.5
        return x

    with keeping_everything():
        assert agrees(f, (1.0, [0.3, 0.4, 0.1]), (0,))
        assert grad(f, 1)(1.0, [0.3, 0.4, 0.1]) == [-1.38, -1.38, 0.0]


def test_a_loop_over_texts_and_numbers_may_be_left():
    """What holds texts is gone through turn by turn, which a loop with a break cannot be."""

    def f(x, y):
        for command, times in (("add", 2), ("scale", 1), ("stop", 0), ("add", 5)):
            match command:
                case "add":
                    x += times * y
                case "scale":
                    x *= 1 + y
                case "stop":
                    break
        return x

    def g(x, wanted):
        for name in ("b", "a"):
            if name == wanted:
                return x * x
            x += 1.0
        return x

    assert agrees(f, (0.9, 0.1), (0, 1))
    assert agrees(g, (0.9, "a"), (0,)) and agrees(g, (0.9, "c"), (0,))


def test_a_loop_stays_before_what_needs_it_from_within_a_branch():
    """A reverse moved before a branch, whose values it reads from inside of that."""

    def loss(weights, rows, labels):
        total = 0.0
        for row, label in zip(rows, labels, strict=True):
            z = 0.0
            for w, x in zip(weights, row, strict=True):
                z += w * x
            total += math.log1p(math.exp(-z)) if label else math.log1p(math.exp(z))
        return total

    point = ([0.5, -0.2], [[1.0, 2.0], [0.3, -1.0], [0.8, 0.1]], [1, 0, 1])
    found = grad(loss)(*point)
    expected = tape.gradient(loss, *point, argnums=(0,))[0]
    assert all(math.isclose(a, b, rel_tol=1e-12) for a, b in zip(found, expected, strict=True))


OUTSIDE = [1.0, 2.0]


def test_a_list_outside_is_extended_in_place():
    """Written as an augmented assignment, its name became a variable of the gradient."""

    def f(x):
        xs = OUTSIDE
        xs += [x]
        return xs.pop() * x

    assert grad(f)(3.0) == 6.0
    assert OUTSIDE == [1.0, 2.0]


def test_the_zeros_of_a_list_of_lists_are_differentiated_again():
    """They are made by a loop over the rows, which was refused."""

    def f(x, n):
        grid = [[x * (i + j) for j in range(n)] for i in range(n)]
        for row in grid:
            row[0] += row[1] * x
        return sum(row[0] * row[-1] for row in grid)

    assert agrees(f, (1.3, 3), (0,))
    assert bends(f, (1.3, 3))


def test_the_length_of_what_a_sum_goes_through():
    """It was asked of the generator, which has none."""

    def f(x, ys):
        sum(x * y for y in ys if y > 0.2)
        return sum(x * y for y in ys if y > 0.2) * 0.0 + x

    def g(x, ys):
        low = [x * y for y in ys]
        return x if max(x * y for y in ys) > 1.0 else min(low)

    for function in (f, g):
        assert agrees(function, (1.5, [0.4, 0.1, 0.9]), (0,))


def test_a_recursive_function_of_itself_bends():
    """What one half of its pullback calls was not looked for."""

    def f(x, n):
        if n == 0:
            return x * x + 0.3
        return f(f(x, n - 1) * 0.5, n - 1)

    for n in (0, 1, 2, 3):
        assert bends(f, (0.9, n))


def test_a_list_that_a_loop_returns_has_adjoints_where_it_does_not():
    """What is not returned was None, of which the length was asked."""

    def part(xs, n):
        for k in range(n):
            if xs[0] < k:
                return xs[1:]
        return xs

    def scaled(xs, n):
        for k in range(n):
            if xs[0] < k:
                return list(x * k for x in xs)  # noqa: C400 - as users write it
        return xs[::-1]

    def f(xs, n):
        ys = part(xs, n)
        return ys[1] * ys[0]

    def g(xs, n):
        zs = scaled(xs, n)
        return zs[1] * zs[0] + xs[2]

    for function in (f, g):
        for first in (0.5, 2.5):
            for n in (0, 1, 3):
                point = ([first, 1.2, 0.7], n)
                assert grad(function)(*point) == tape.gradient(function, *point)


class Counted:
    made = 0

    def __init__(self, x):
        self.x = x
        Counted.made += 1


def test_a_class_counts_its_objects():
    """The attribute of the class was set in the way of an object, which a class refuses."""

    def f(x):
        return Counted(x).x * Counted(2.0).x

    Counted.made = 0
    assert grad(f)(3.0) == 2.0
    assert Counted.made == 2


def test_an_iterator_is_empty_the_second_time():
    """It was gone through again, from its start."""

    def twice(xs):
        pairs = zip(xs, xs[::-1], strict=False)
        total = 0.0
        for x, y in pairs:
            total += x * y
        for x, _ in pairs:
            total += x
        return total

    def in_each_turn(xs):
        pairs = zip(xs, xs[::-1], strict=False)
        total = 0.0
        for _ in range(2):
            for x, y in pairs:
                total += x * y
        return total

    def as_lists(xs):
        pairs = zip(xs, xs[::-1], strict=False)
        first, second = list(pairs), list(pairs)
        return sum(x * y for x, y in first) + len(second)

    for function in (twice, in_each_turn, as_lists):
        with pytest.raises(DifferentiationError, match="gone through twice"):
            grad(function)([1.0, 2.0, 3.0])


def test_the_transpose_of_what_is_handed_in_is_a_view():
    """It was copied as if it had been handed in itself; so were the rows that are taken apart."""
    np = pytest.importorskip("numpy")

    def transposed(m, s):
        t = m.T
        t[1] += m[0] * s
        return m[0, 1] * m[1, 1] * t[0, 0] + t[1, 0] * m[0, 0]

    def apart(m, s):
        first, second = m
        first[0] = second[1] * s
        return (m * m).sum() + first[0]

    for function in (transposed, apart):
        m, h = np.array([[1.0, 2.0], [3.0, 4.0]]), 1e-6
        try:
            found = grad(function)(m, 0.5)
        except DifferentiationError:
            continue
        for place in np.ndindex(2, 2):
            right, left = m.copy(), m.copy()
            right[place] += h
            left[place] -= h
            expected = (function(right, 0.5) - function(left, 0.5)) / (2 * h)
            assert math.isclose(found[place], expected, rel_tol=1e-6, abs_tol=1e-6)
        assert m.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_what_the_test_of_a_loop_binds_counts_where_the_loop_has_an_else():
    """The test of a loop with an else was not turned round, and the gradient zero."""

    def ended(x):
        i, total = 0, 0.0
        while (t := x / (i + 1)) > 0.3:
            i += 1
            total += t * t
        else:
            total *= 2.0
        return total

    def left(x, limit):
        i, total = 0, 0.0
        while (t := x / (i + 1)) > 0.3:
            i += 1
            if i == 3:
                continue
            if total > limit:
                total += t * x
                break
            total += t * t
        else:
            total *= x
        return total

    assert agrees(ended, (2.0,), (0,))
    assert agrees(ended, (0.1,), (0,))
    assert bends(ended, (2.0,))
    for limit in (0.0, 3.0, 100.0):
        assert agrees(left, (2.0, limit), (0,))
        assert bends(left, (2.0, limit))


def test_what_only_one_way_through_a_branch_has_is_kept():
    """A name was kept on the way that does not bind it."""

    def helper(a, b):
        if b >= b:
            return a
        elif b >= b or -0.7 < a <= b:
            return b * a + math.log(1.5 + abs(a))
        else:
            for i in range(0, 5, 2):
                a = math.hypot(i, 1.0 + math.log(1.5 + abs(b)) ** 2)
        a, b = b * 0.5, a
        return max(b, b) * math.exp(-abs(b))

    def f(x, ys):
        for _ in ys:
            x += helper(x, x) * 0.5
        return x * x

    assert agrees(f, (0.7, [1.0, 2.0]), (0,))
    assert bends(f, (0.7, [1.0, 2.0]))


def test_what_only_one_way_through_a_branch_has_is_tested():
    """The second derivative compared a name that was bound under another test."""

    def f(x, y, xs, n):
        i = 0
        while i < 3 and y > 0.11:
            i += 1
            if n % 2 == 0:
                pass
            elif -0.7 < xs[i % 3] <= -1.88:
                continue
            return math.tanh(y * xs[n % 3]) * math.exp(-abs(x))
        return x * y

    for n in (0, 1):
        for y in (0.0, 1.7):
            assert agrees(f, (0.5, y, [0.3, 1.2, -0.8], n), (0, 1))
            assert bends(f, (0.5, y, [0.3, 1.2, -0.8], n))


def returns_after_all_turns(x, n):
    for _ in range(n):
        x *= math.sin(x)
        if x > 2:
            break
    else:
        return x * x
    return x


def returns_when_the_test_fails(x, n):
    while n > 0:
        n -= 1
        x = math.sin(x)
    else:
        if x > 0.5:
            return x * x
        x *= 3
    return math.exp(x)


def returns_from_three_places(x, n):
    for i in range(n):
        if x * i > 3:
            return x * 7
        if x * i > 2:
            break
        x *= 1.1
    else:
        if x > 1.5:
            return x**3
        x *= 2
    y = x * x
    return y * x


def returns_from_the_else_within(x, n):
    for _ in range(2):
        for i in range(n):
            if x * i > 3:
                return x * 7
            if x * i > 2:
                break
            x *= 1.1
        else:
            return x**3
        x *= 2
    else:
        if x > 2:
            return x * x * x
    y = x * x
    return y * x


def returns_after_a_helper_that_does(x, n):
    def inner(a):
        for _ in range(n):
            if a > 2:
                break
            a *= 1.5
        else:
            return a * x
        return a

    total = 0.0
    for i in range(n):
        total += inner(x + i)
        if total > 20:
            break
    else:
        for _ in range(2):
            total *= x
        else:
            return total
    return total * total


@pytest.mark.parametrize(
    "function",
    [
        returns_after_all_turns,
        returns_when_the_test_fails,
        returns_from_three_places,
        returns_from_the_else_within,
        returns_after_a_helper_that_does,
    ],
)
def test_the_else_of_a_loop_may_return(function):
    """It went the general road, whose code read names that were not bound."""
    for x in (0.3, 0.9, 1.3, 2.5):
        for n in (0, 1, 3, 6):
            assert agrees(function, (x, n), (0,))
            assert bends(function, (x, n))
    assert not grad(function).__sourcediff__.specialisation_for((0.3, 1)).is_general


def test_what_is_computed_in_vain_raises_outside_of_its_domain():
    """In a loop or a branch that is not turned round it was dropped."""

    def in_a_loop(x, y):
        for _ in range(2):
            root = math.sqrt(y)
        return x * x

    def in_a_branch(x, y):
        if x > 1.0:
            root = math.sqrt(y)
        return x * x

    for function in (in_a_loop, in_a_branch):
        assert grad(function)(3.0, 1.0) == 6.0
        for derivative in (grad(function), grad(grad(function))):
            with pytest.raises(ValueError, match="domain"):
                derivative(3.0, -1.0)


def test_a_row_that_is_in_use_while_another_takes_its_place():
    """The reverse took the adjoints of the new row, as the store stands behind the use."""

    def f(m, k):
        total = 0.0
        for i in range(len(m)):
            row = m[i]
            for _ in range(2):
                row[0] = row[0] * k
                total += row[0]
                m[i] = [total, k]
        return total + m[0][0]

    rows, k = [[1.0, 2.0], [3.0, 4.0]], 0.7
    found, slope = grad(f, argnums=(0, 1))(rows, k)
    expected, bend = tape.gradient(f, rows, k, argnums=(0, 1))
    assert [number for row in found for number in row] == pytest.approx(
        [number for row in expected for number in row]
    )
    assert slope == pytest.approx(bend)


def test_what_a_later_loop_reads_stays_where_it_is():
    """A branch went into the arm that read its result, with what order two read of its turns."""

    def function(x, y, m):
        x, y = y * 0.5, x
        for k, _ in enumerate(m):
            i = 0
            while i < 4:
                i += 1
                x = (-0.85 + y) * (-1.12 / (2.0 + math.cos(x)))
                x = min(m[i % 2][k % 2] + y, x, 0.3)
                if i % 2 == 1:
                    v = math.exp(-abs(x)) + math.log(1.5 + abs(x))
                    y, v = v * 0.5, y
                    break
            x, y = y * 0.5, x
            break
        return math.tanh(m[0][1] if -0.7 < y <= -0.8 else x)

    for point in ((0.7, -0.4), (1.3, 0.9), (-0.5, 1.7)):
        assert bends(function, (*point, [[0.4, -0.9], [1.3, 0.6]]))


def test_what_a_turn_reads_after_it_has_written_is_no_item_that_it_starts_with():
    """The read stood in the head of the loop, ``for i, x in enumerate(xs)``: before the write."""

    def f(xs, k):
        total = 0.0
        for i, _ in enumerate(xs):
            xs[i] = k * i
            total += xs[i] * k
        return total

    value, (found, slope) = value_and_grad(f, argnums=(0, 1))([1.0, 2.0, 3.0], 0.6)
    assert value == f([1.0, 2.0, 3.0], 0.6)
    assert found == [0.0, 0.0, 0.0]
    assert slope == pytest.approx(3.6)


@pytest.mark.parametrize("stored", [False, True])
def test_a_row_that_is_used_in_a_branch_in_which_it_changes_its_place(stored):
    """The reverse looked for its adjoints where the branch ends: there another row stands."""

    def swaps(m, k):
        row = m[2]
        if k > 0.1:
            row[0] *= k
            m[-1], m[1] = m[1], m[-1]
        return sum((i + 1) * r[0] * r[1] for i, r in enumerate(m))

    def stores(m, k):
        row = m[2]
        if k > 0.1:
            row[0] *= k
            m[2] = [row[0] * k, k]
        return sum((i + 1) * r[0] * r[1] for i, r in enumerate(m)) + row[0]

    function = stores if stored else swaps
    point = ([[0.3, 0.9], [0.8, 1.1], [0.5, 0.7]], 0.6)
    found, slope = grad(function, argnums=(0, 1))(*point)
    expected, bend = tape.gradient(function, *point, argnums=(0, 1))
    assert [number for row in found for number in row] == pytest.approx(
        [number for row in expected for number in row]
    )
    assert slope == pytest.approx(bend)


def test_a_pass_that_adds_up_reads_in_one_branch_what_another_has_made():
    """The branch that made it had no adjoint of its own, so what came into it was left out."""

    def greater(a):
        if a <= a:
            return max(math.exp(-abs(a)), a - a)

    def f(x, ys):
        y = math.sin(x)
        total = 0.0
        for v in ys:
            total += v * greater(y)
        return total

    assert bends(f, (0.37, [1.1, 0.5]))


def test_a_test_that_is_made_again_reads_only_what_its_way_reads():
    """Order two computed ``row[2]`` before it knew that nobody had asked for it: no such item."""

    def f(x, y, m, k):
        for i, row in enumerate(m):
            x *= 1.36 + y
            if k > 3:
                if i > row[2]:
                    return math.exp(-abs(y))
            break
        return math.sin(x)

    assert bends(f, (0.7, -0.4, [[0.4, -0.9], [1.3, 0.6]], 1))
    assert bends(f, (0.7, -0.4, [[0.4, -0.9, 0.5], [1.3, 0.6, 0.1]], 5))
    assert bends(f, (0.7, -0.4, [[0.4, -0.9, -0.5], [1.3, 0.6, 0.1]], 5))


def test_a_call_that_one_arm_reads_is_not_made_there():
    """Order two moved the call into that arm, and its pullback, behind the arm, missed it."""

    def level(a, b, k):
        if k <= 0 or a > 1.5:
            return math.sqrt(1.0 + b**4)
        return b + 0.5 * level(k / (2.0 + a), k, k - 1)

    def f(x, y, n):
        root = math.sqrt(1.0 + min(x, 0.3) ** 2)
        if n % 2 == 0:
            return x * y
        return level(y - n, root if n % 3 == 0 else x, n % 4)

    assert bends(f, (-0.5, 1.7, 5))
    assert bends(f, (-0.5, 1.7, 3))
    assert bends(f, (-0.5, 1.7, 2))


def test_branches_are_not_joined_where_the_second_ends_the_turn():
    """Order two joined them, and the reverse of that turn missed what the first had given."""

    def f(x, y, n):
        start = x
        for i in range(n):
            if not start:
                return y
            elif start:
                pass
            elif y:
                x, y = y, x
            if start:
                y = x * y * y + i
                break
        return y * y

    assert bends(f, (0.8, 0.4, 3))
    assert bends(f, (0.8, 0.4, 3), 1)
    assert bends(f, (0.0, 0.4, 3), 1)
    assert bends(f, (0.8, 0.4, 0), 1)
