"""Lists that a turn of a loop makes: kept as they are, and read again in its reverse."""

import math

import pytest

from sourcediff import explain, grad, tape
from tests.every_mode import check_in_every_mode

START = (0.7, -0.4, 1.3)


def rows_of_products(xs):
    total = 0.0
    for x in xs:
        squares = [x * y * y for y in xs]
        for w in xs:
            for s in squares:
                total += w * s * s
    return total


def softmaxes(xs):
    total = 0.0
    for t in range(1, 3):
        scores = [t * x for x in xs]
        largest = max(scores)
        powers = [math.exp(s - largest) for s in scores]
        norm = sum(powers)
        shares = [p / norm for p in powers]
        total += sum(s * s * x for s, x in zip(shares, xs, strict=True))
    return total


def changed_behind_a_read(xs):
    total = 0.0
    for x in xs:
        made = [x * y for y in xs]
        for k in range(len(made)):
            total += made[k] * made[k] * x
        made[1] = total
        for m in made:
            total += 0.1 * m * m
    return total


def changed_in_the_next_turn(xs):
    """What a turn has made has another name in the next one, which writes to it."""
    before = [1.0, 1.0, 1.0]
    total = 0.0
    for x in xs:
        made = [b * x for b in before]
        for k in range(3):
            total += made[k] * made[k]
        before[0] = 5.0 * x
        before = made
    return total * before[0]


def held_by_another(xs):
    """The list is in another one before it is filled, and grows by that name."""
    all_of_them = []
    total = 0.0
    for x in xs:
        made = []
        all_of_them.append(made)
        for y in xs:
            made.append(x * y * y)
        total += made[0] * made[2]
        all_of_them[0].append(x)
        for m in made:
            total += m * m * x
    return total


def one_list_for_all_turns(xs):
    made = []
    total = 0.0
    for x in xs:
        made.append(x * x)
        for m in made:
            total += m * m * x
    return total


def left_early(xs):
    total = 0.0
    for x in xs:
        made = [x * y + 0.1 for y in xs]
        for m in made:
            if m > 0.9:
                break
            total += m * m * m
        else:
            total *= made[0]
            continue
        total += made[1]
    return total


def parts_of_what_grows(xs):
    rows = []
    total = 0.0
    for x in xs:
        rows.append([x * y for y in xs])
        ends = [row[1:] for row in rows]
        for i in range(len(ends)):
            for j in range(len(ends[i])):
                total += ends[i][j] * ends[i][j] * (i + 1)
    return total


def some_places(xs):
    n = len(xs) // 2
    total = 0.0
    for x in xs[n:]:
        total += x * x * x
    for i in range(2):
        total += sum(xs[i : i + 2]) ** 2
    return total


def memory_that_grows(xs):
    """Later turns look at what earlier ones have put there, and put more there."""
    memory = [[] for _ in range(2)]
    total = 0.0
    for x in xs:
        memory[0].append([x * y for y in xs])
        memory[1].append([y - x for y in xs])
        for k, v in zip(memory[0], memory[1], strict=True):
            total += k[1] * v[2] * total + x * k[0]
    return total


def memory_that_changes(xs):
    """The same, but a turn writes to what an earlier one has put there."""
    memory = []
    total = 0.0
    for x in xs:
        memory.append([x * y for y in xs])
        for row in memory:
            total += row[0] * row[1] * x
        memory[0][1] = total
    return total


def memory_that_is_emptied(xs):
    memory = [1.0]
    total = 0.0
    for x in xs:
        memory.append(x * x)
        for m in memory:
            total += m * m * x
        if total > 1.0:
            memory.pop(0)
    return total


def longer_behind_the_loop(xs):
    """The reverse of the first loop stops where that one did."""
    total = 0.0
    ys = [x * x for x in xs]
    for y in ys:
        total += y * xs[0] * y
    ys.append(total)
    return total * ys[-1] + sum(y * (k + 1) for k, y in enumerate(ys))


def parts_by_name(xs):
    ends = slice(1, None)
    total = 0.0
    for k in range(2):
        part = slice(k, k + 2)
        made = [x * x for x in xs[part]]
        total += (
            sum(a * b for a, b in zip(made, xs[ends], strict=True)) + part.stop * xs[part.start]
        )
    return total


def stored_and_read(xs):
    hs = [math.tanh(sum(x * y for y in xs)) for x in xs]
    return sum(a * b for a, b in zip(hs, xs, strict=True)) + hs[0] * hs[2]


def stored_and_changed(xs):
    hs = []
    for x in xs:
        hs.append(math.tanh(x) * x)
    total = sum(h * h for h in hs)
    hs[0] = 3.0
    return total * hs[0] + hs[1]


def stored_and_changed_by_another_name(xs):
    hs = [math.exp(x * x) for x in xs]
    total = sum(h * h for h in hs)
    other = hs
    other[1] = total
    return total * hs[2] + hs[1]


def stored_and_longer(xs):
    hs = [math.exp(x) for x in xs]
    for x in xs:
        hs.append(x * x)
    return sum(h * h for h in hs)


def stored_and_sorted(xs):
    hs = [math.exp(x) for x in xs]
    total = hs[0]
    hs.sort()
    return sum(h * (k + 1) for k, h in enumerate(hs)) * total


def stored_at_its_place(xs):
    us = [0.0] * len(xs)
    for k in range(len(xs)):
        us[k] = math.exp(-xs[k]) * xs[k]
    vs = [1.0] * (len(xs) + 1)
    for k in range(1, len(xs)):
        vs[k] = math.sqrt(us[k] ** 2 + vs[k - 1])
    return sum(u * v for u, v in zip(us, vs, strict=False))


def stored_twice_at_a_place(xs):
    us = [0.0] * 3
    for _ in range(2):
        for k in range(len(xs)):
            us[k] = math.exp(us[k] * xs[k])
    return sum(us)


def stored_under_a_test(xs):
    us = []
    for x in xs:
        e = math.exp(x)
        if x > 0.0:
            us.append(e)
    return sum(u * u for u in us) * e


def stored_until_the_loop_ends(xs):
    us = []
    for x in xs:
        e = math.exp(x * x)
        if e > 5.0:
            break
        us.append(e)
    return sum(u * u for u in us) + e


def left_in_a_part(xs):
    for i, a in enumerate(xs):
        for b in xs[i:]:
            if a * b > 0.8:
                break
        else:
            continue
        break
    return a * b * b


PROGRAMS = [
    left_in_a_part,
    stored_and_read,
    stored_and_changed,
    stored_and_changed_by_another_name,
    stored_and_longer,
    stored_and_sorted,
    stored_at_its_place,
    stored_twice_at_a_place,
    stored_under_a_test,
    stored_until_the_loop_ends,
    memory_that_grows,
    memory_that_changes,
    memory_that_is_emptied,
    longer_behind_the_loop,
    parts_by_name,
    rows_of_products,
    softmaxes,
    changed_behind_a_read,
    changed_in_the_next_turn,
    one_list_for_all_turns,
    left_early,
    parts_of_what_grows,
    some_places,
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_in_every_mode(program):
    check_in_every_mode(program, START)


def test_a_list_with_two_names_is_differentiated_all_the_same():
    gradient = grad(held_by_another)
    expected = tape.gradient(held_by_another, list(START))
    assert gradient(list(START)) == pytest.approx(expected, rel=1e-12)


def test_the_list_is_kept_and_nothing_of_its_items():
    gradient = grad(rows_of_products)
    gradient(list(START))
    assert gradient.source == ROWS_OF_PRODUCTS


ROWS_OF_PRODUCTS = """\
def grad_rows_of_products(xs):
    kept = []
    for x in xs:
        squares = [x * y * y for y in xs]
        kept.append(squares)
    xs_bar = [0.0] * len(xs)
    for i in reversed(range(len(xs))):
        squares = kept.pop()
        squares_bar = [0.0] * len(xs)
        for j, w in enumerate(xs):
            w_bar = 0.0
            for k, s in enumerate(squares):
                ws = w * s
                # adjoint of: total += w * s * s
                w_bar += s * s
                squares_bar[k] += ws + ws
            xs_bar[j] += w_bar
        x = xs[i]
        x_bar = 0.0
        for j, y in enumerate(xs):
            # adjoint of: squares = [x * y * y for y in xs]
            squares_bar_j = squares_bar[j]
            product = squares_bar_j * y
            x_bar += product * y
            xs_bar[j] += squares_bar_j * (x * y) + product * x
        xs_bar[i] += x_bar
    return xs_bar
"""


def test_a_sum_of_a_list_is_not_computed_again_for_each_item():
    gradient = grad(softmaxes)
    gradient(list(START))
    text = "\n".join(line.partition("#")[0] for line in gradient.source.splitlines())
    forward, _, back = text.partition("    xs_bar = ")
    assert "norm = sum(powers)" in forward and "largest = max(scores)" in forward
    assert "sum(" not in back and "max(" not in back


def test_places_of_a_part_are_gone_through_themselves():
    gradient = grad(some_places)
    gradient(list(START))
    assert "for j in range(len(xs_bar))[i:i + 2]:\n" in gradient.source


def test_what_is_stored_is_read_there():
    gradient = grad(stored_and_read)
    gradient(list(START))
    code = [line for line in gradient.source.splitlines() if "#" not in line]
    assert sum("math.tanh(" in line for line in code) == 1
    assert not any(".append(" in line for line in code)


def test_what_memory_holds_is_not_kept_once_more():
    gradient = grad(memory_that_grows)
    gradient(list(START))
    assert "for k, v in zip(memory_first, memory_second, strict=True):" in gradient.source
    code = [line for line in gradient.source.splitlines() if "#" not in line]
    assert (
        sum(".append(" in line for line in code) == 4
    )  # the user's own two, and two for the turns


def test_lists_of_unequal_length_are_told_apart_where_they_are_gone_through():
    def product(xs, ys):
        return sum(x * y for x, y in zip(xs, ys, strict=True))

    gradient = grad(product)
    assert gradient([1.0, 2.0], [3.0, 4.0]) == [3.0, 4.0]
    with pytest.raises(ValueError, match=r"zip\(\) argument 2"):
        gradient([1.0, 2.0], [3.0])
    with pytest.raises(ValueError, match=r"zip\(\) argument 2"):
        grad(gradient_of_products)([1.0, 2.0], [3.0])


def gradient_of_products(xs, ys):
    total = 0.0
    for x, y in zip(xs, ys, strict=True):
        total += x * x * y
    return total


def test_the_general_form_says_why():
    def by_length(xs):
        total = 0.0
        for x in xs:
            total += x * x
            if total > 100.0:
                xs.append(1.0)
        return total

    assert "why: a list that gets longer" in str(explain(by_length, [1.0, 2.0]))
