"""Dicts of which only the run knows the keys: order two, forward mode, text, refusals."""

import math
from textwrap import dedent

import pytest

from sourcediff import DifferentiationError, grad, jvp, tape, vjp
from tests.corpus.objects.table import PROGRAMS
from tests.differences import difference

KEYS = [
    p
    for p in PROGRAMS
    if p.name.startswith("keys.")
    and p.name.split(".")[1] not in ("one_of_two", "bound_again", "views_of_what_changes")
]
OF_LISTS = [p for p in KEYS if isinstance(p.args(0)[0], list) and len(p.args(0)) == 1]
OF_NUMBERS = [p for p in OF_LISTS if isinstance(p.args(0)[0][0], float)]
WEIGHTS = (0.3, -0.7, 0.2, 1.1)


@pytest.mark.parametrize("program", OF_NUMBERS, ids=lambda program: program.name)
def test_the_second_derivative_is_that_of_differences(program):
    first = grad(program.function)

    def along(xs):
        found = first(xs)
        return found[0] * 0.3 - found[1] * 0.7 + found[2] * 0.2 + found[3] * 1.1

    (xs,) = program.args(0)
    second = grad(along)
    found = second(xs)
    assert not second.__sourcediff__.latest.is_general
    for place in range(len(xs)):

        def at(x, place=place):
            return along([*xs[:place], x, *xs[place + 1 :]])

        estimate = difference(at, (xs[place],), 0)
        assert estimate is not None
        assert math.isclose(found[place], estimate.value, rel_tol=1e-5, abs_tol=1e-5)


OF_DICTS = [p for p in KEYS if isinstance(p.args(0)[0], dict) and len(p.args(0)) == 1]
OF_DICTS = [p for p in OF_DICTS if set(map(type, p.args(0)[0].values())) == {float}]


@pytest.mark.parametrize("program", OF_DICTS, ids=lambda program: program.name)
def test_the_second_derivative_by_a_dict_is_that_of_differences(program):
    first = grad(program.function)

    def along(d):
        return sum(g * g for g in first(d).values())

    (d,) = program.args(0)
    found = grad(along)(d)
    assert found.keys() == d.keys()
    for key in list(d)[:3]:

        def at(x, key=key):
            return along({**d, key: x})

        estimate = difference(at, (d[key],), 0)
        assert estimate is not None
        assert math.isclose(found[key], estimate.value, rel_tol=1e-4, abs_tol=1e-4)


@pytest.mark.parametrize("program", OF_DICTS, ids=lambda program: program.name)
def test_forward_mode_by_a_dict_is_the_gradient_in_a_direction(program):
    (d,) = program.args(0)
    moves = {key: 0.1 * (place + 1) for place, key in enumerate(d)}
    value, tangent = jvp(program.function, (dict(d),), (moves,))
    found = grad(program.function)(dict(d))
    assert value == program.function(dict(d))
    assert math.isclose(tangent, sum(found[k] * moves[k] for k in d), rel_tol=1e-12)


def test_a_dict_that_is_handed_in_has_a_dict_of_adjoints():
    def f(prices, quantities):
        total = 0.0
        for k, p in prices.items():
            total += p * p * quantities[k]
        return total

    gradient = grad(f)
    gradient({"a": 1.0, "b": 2.0}, {"a": 3.0, "b": 4.0})
    assert gradient.source == dedent(
        """\
        def grad_f(prices, quantities):
            prices_bar = dict.fromkeys(prices, 0.0)
            for k, p in prices.items():
                prices_bar[k] += 2.0 * quantities[k] * p
            return prices_bar
        """
    )


def test_one_dict_in_two_arguments_of_which_one_is_changed():
    def f(d, e):
        for k in d:
            d[k] *= 2.0
        return sum(v * v for v in e.values())

    d = {"a": 1.0, "b": 2.0}
    with pytest.raises(DifferentiationError, match="two places"):
        jvp(f, (d, d), (d, None))
    assert grad(f, argnums=1)(d, d) == {"a": 8.0, "b": 16.0}
    assert d == {"a": 1.0, "b": 2.0}


def test_a_pullback_does_not_see_what_becomes_of_the_dict():
    def f(d):
        total = 0.0
        for k in d:
            total += d[k] ** 2
        return total

    d = {"a": 1.0, "b": 2.0}
    _, pull = vjp(f, d)
    d["a"] = 100.0
    d["c"] = 1.0
    del d["b"]
    assert pull(1.0) == ({"a": 2.0, "b": 4.0},)


@pytest.mark.parametrize("program", OF_NUMBERS, ids=lambda program: program.name)
def test_forward_mode_is_the_gradient_in_a_direction(program):
    (xs,) = program.args(0)
    value, tangent = jvp(program.function, (xs,), (list(WEIGHTS),))
    along = sum(g * w for g, w in zip(grad(program.function)(xs), WEIGHTS, strict=True))
    assert value == program.function(xs)
    assert math.isclose(tangent, along, rel_tol=1e-12)


def test_a_total_needs_nothing_but_the_adjoints_of_the_totals():
    def f(xs):
        totals = {}
        for i, x in enumerate(xs):
            totals[i % 3] = totals.get(i % 3, 0.0) + x * x
        return sum(v**2 for v in totals.values())

    gradient = grad(f)
    gradient([1.0, 2.0, 3.0, 4.0])
    assert gradient.source == dedent(
        """\
        def grad_f(xs):
            totals = {}
            for i, x in enumerate(xs):
                totals[i % 3] = totals.get(i % 3, 0.0) + x * x
            totals_bar = dict.fromkeys(totals, 0.0)
            for key, v in totals.items():
                # adjoint of: return sum(v**2 for v in totals.values())
                totals_bar[key] += 2.0 * v
            return [2.0 * totals_bar[i % 3] * x for i, x in enumerate(xs)]
        """
    )


def test_a_dict_that_grows_while_a_loop_goes_through_it_raises_as_in_python():
    def f(xs):
        found = {}
        found[int(xs[0])] = xs[1]
        for k in found:
            found[k + 1] = xs[0]
        return sum(found.values())

    with pytest.raises(RuntimeError, match="changed size during iteration"):
        grad(f)([1.0, 2.0])


def test_a_key_that_is_not_there_raises_as_in_python():
    def f(xs):
        found = {}
        for i, x in enumerate(xs):
            found[i] = x * x
        return found[len(xs)]

    with pytest.raises(KeyError):
        grad(f)([1.0, 2.0])


def test_a_key_that_varies_is_refused():
    def f(xs):
        found = {}
        for x in xs:
            found[x] = x * x
        return sum(found.values())

    with pytest.raises(DifferentiationError, match="a key that is differentiated itself"):
        grad(f)([1.0, 2.0])


def counted(xs):
    found = {}
    for x in xs:
        found[x] = 1
    return sum(k * k for k in found)


def made_from_a_list(xs):
    return max(dict.fromkeys(xs, 1))


def copied(xs):
    found = {}
    for i, x in enumerate(xs):
        found[x] = i
    return sorted(found.copy())[0]


@pytest.mark.parametrize("program", [counted, made_from_a_list, copied])
def test_keys_that_vary_are_not_taken_for_constants(program):
    with pytest.raises(DifferentiationError, match="a key that is differentiated itself"):
        grad(program)([1.0, 2.0])


def test_what_is_only_asked_for_under_a_key_that_varies():
    def f(xs):
        found = {}
        for i, x in enumerate(xs):
            found[x] = i
        return found[xs[1]] * xs[0] + (len(found) if xs[1] in found else 0.0) * xs[1]

    assert grad(f)([1.5, 0.5]) == [1.0, 2.0]


def the_largest(xs):
    found = {}
    for i, x in enumerate(xs):
        found[i % 2] = found.get(i % 2, 0.0) + x
    total = 1.0
    for k in sorted(found, key=found.get, reverse=True):
        total = total * 0.5 + found[k] * k
    return total + found[max(found, key=found.get)] ** 2


def asked_without_a_default(xs):
    found = {}
    for i, x in enumerate(xs):
        found[i] = x * x
    total = 0.0
    for k in range(5):
        if k in found:
            total += found.get(k) ** 2
        value = found.get(k)
        if value is not None:
            total += value * k
    return total


def updated(xs):
    found, others = {}, {}
    for i, x in enumerate(xs):
        found[i] = x
        others[i + 1] = x * x
    found.update(others)
    found.update({0: xs[1] * xs[2]})
    found.update(found)
    return sum(v * v for v in found.values())


def cleared(xs):
    found = {}
    total = 0.0
    for i, x in enumerate(xs):
        for j in range(2):
            found[(i + j) % 3] = found.get((i + j) % 3, 0.0) + x * (j + 1)
        if i % 2 == 0:
            total += sum(v * v for v in found.values())
            found.clear()
            found[0] = x
    return total + sum(found.values())


@pytest.mark.parametrize("program", [the_largest, asked_without_a_default, updated, cleared])
def test_methods_that_are_made_of_others(program):
    xs, along = [1.5, 0.4, 0.8], [0.4, -1.1, 0.7]
    derivative = grad(program)
    found = derivative(xs)
    assert not derivative.__sourcediff__.latest.is_general
    assert tape.gradient(program, xs) == pytest.approx(found)
    slope = sum(g * a for g, a in zip(found, along, strict=True))
    assert jvp(program, (xs,), (along,)) == pytest.approx((program(xs), slope))
    _, pullback = vjp(program, xs)
    assert pullback(2.0)[0] == pytest.approx([2.0 * g for g in found])


def test_a_dict_with_numbers_for_keys_that_is_handed_in_updates_another():
    def f(xs, extra):
        found = {}
        for i, x in enumerate(xs):
            found[i] = x
        found.update(extra)
        return sum(v * v for v in found.values())

    derivative = grad(f, argnums=(0, 1))
    assert derivative([1.5, 0.4], {1: 2.0, 5: 3.0}) == ([3.0, 0.0], {1: 4.0, 5: 6.0})
    assert not derivative.__sourcediff__.latest.is_general


def test_the_saved_text_of_a_dict_that_the_user_makes_of_keys(tmp_path):
    def f(xs):
        found = dict.fromkeys(range(len(xs)), 0.0)
        for i, x in enumerate(xs):
            found[i] += x * x
        return sum(found.values())

    derivative = grad(f)
    assert derivative([1.0, 2.0]) == [2.0, 4.0]
    derivative.save(tmp_path / "saved.py")
    assert "found = dict.fromkeys(range(len(xs)), 0.0)" in (tmp_path / "saved.py").read_text()


def test_operations_with_several_results_beside_a_dict():
    def f(xs):
        found = {}
        a, b, *rest = xs
        for i, x in enumerate(rest):
            found[i] = x * a
        return sum(found.values()) * b

    assert grad(f)([1.0, 2.0, 3.0, 4.0]) == [14.0, 7.0, 2.0, 2.0]
