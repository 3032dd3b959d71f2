"""Dicts of lists under keys that the run computes."""

import math
from collections import defaultdict
from textwrap import dedent

import pytest

from sourcediff import grad, tape
from tests.every_mode import check_in_every_mode


def by_default(xs):
    groups = defaultdict(list)
    for i, x in enumerate(xs):
        groups[i % 2].append(x * x)
    total = 0.0
    for k in groups:
        total += (sum(groups[k]) / len(groups[k])) ** 2 + k
    return total


def by_test(xs):
    groups = {}
    for i, x in enumerate(xs):
        if i % 2 not in groups:
            groups[i % 2] = []
        groups[i % 2].append(x)
    total = 1.0
    for k, values in groups.items():
        total *= sum(values) / len(values) + k
    return total


def by_setdefault(xs):
    groups = {}
    for i, x in enumerate(xs):
        groups.setdefault(i % 2, []).append(x * x)
    return sum(max(values) * len(values) for values in groups.values())


def by_comprehension(xs):
    names = ["a", "b"]
    groups = {name: [] for name in names}
    for i, x in enumerate(xs):
        groups[names[i % 2]].append(x * x)
    return sum(sum(groups[name]) ** 2 for name in names)


def stored_whole(xs):
    rows = {}
    for i, x in enumerate(xs):
        rows[i] = [x, x * x]
    rows[0].append(xs[1])
    rows[1] = [xs[2]]
    total = 0.0
    for k in sorted(rows):
        for v in rows[k]:
            total += v * v * (k + 1)
        total += len(rows[k]) * rows[k][0]
    return total


def neighbours(xs):
    links = defaultdict(list)
    for i in range(len(xs) - 1):
        links[i].append((i + 1, xs[i]))
        links[i + 1].append((i, xs[i] * xs[i + 1]))
    total = 0.0
    for u in links:
        for v, w in links[u]:
            total += w * w * (u + 2 * v)
    return total


def shortest(xs):
    links = {}
    for u, v, k in [(0, 1, 0), (0, 2, 1), (1, 2, 2), (2, 3, 0), (1, 3, 1)]:
        links.setdefault(u, []).append((v, xs[k] * (u + 1)))
    reached = [math.inf] * 4
    reached[0] = 0.0
    for _ in range(3):
        for u, out in links.items():
            for v, w in out:
                if reached[u] + w < reached[v]:
                    reached[v] = reached[u] + w
    return reached[3]


def with_texts(xs):
    groups = {}
    for i, x in enumerate(xs):
        name = "even" if i % 2 == 0 else "odd"
        if name in groups:
            groups[name].append((name, x))
        else:
            groups[name] = [(name, x)]
    total = 0.0
    for _, items in groups.items():
        items.sort(key=lambda item: item[1], reverse=True)
        total = total * 0.5 + items[0][1] ** 2
    return total


def taken_out(xs):
    groups = defaultdict(list)
    for i, x in enumerate(xs):
        groups[i].append(x)
        groups[i].append(x * x)
    first = groups.pop(0)
    del groups[1]
    rest = sum(sum(values) for values in groups.values())
    return sum(first) * rest * (2 if 1 in groups else 3) + len(groups)


def written_to(xs):
    groups = defaultdict(list)
    for i, x in enumerate(xs):
        groups[i % 2].append(x)
    groups[0][0] *= 2.0
    groups[1][0] = groups[0][1] * groups[0][0]
    groups[0] += [xs[0]]
    return groups[0][0] + groups[1][0] * groups[0][2]


def cleared(xs):
    groups = defaultdict(list)
    total = 0.0
    for i, x in enumerate(xs):
        groups[i % 2].append(x)
        if i == 1:
            total += sum(sum(values) ** 2 for values in groups.values())
            groups.clear()
    return total + sum(sum(values) for values in groups.values()) * xs[0]


def anew_in_each_turn(xs):
    total = 0.0
    for turn in range(2):
        groups = {}
        for i, x in enumerate(xs):
            groups.setdefault(i % 2, []).append(x * turn)
        for values in groups.values():
            total += sum(values) * sum(values)
    return total


def the_best(xs):
    groups = defaultdict(list)
    for i, x in enumerate(xs):
        groups[i % 2].append(x)
    best = max(groups, key=lambda k: sum(groups[k]))
    return sum(v * v for v in groups[best]) + sum(groups.get(7, []))


def gone_through_while_it_grows(xs):
    groups = defaultdict(list)
    groups[0].append(xs[0])
    for k in list(groups):
        groups[k + 1].append(xs[1] * xs[2])
    return sum(sum(values) ** 2 for values in groups.values())


class Store:
    def __init__(self):
        self.rows = defaultdict(list)

    def add(self, key, value):
        self.rows[key].append(value)


def in_an_object(xs):
    store = Store()
    for i, x in enumerate(xs):
        store.add(i % 2, x * x)
    return sum(max(values) for values in store.rows.values()) * isinstance(store.rows, dict)


PROGRAMS = [
    by_default,
    by_test,
    by_setdefault,
    by_comprehension,
    stored_whole,
    neighbours,
    shortest,
    with_texts,
    taken_out,
    written_to,
    cleared,
    anew_in_each_turn,
    the_best,
    gone_through_while_it_grows,
    in_an_object,
]
XS = [1.5, 0.4, 0.8]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_every_mode_agrees_with_differences_and_the_tape(program):
    check_in_every_mode(program, XS)


def swapped(xs):
    rows = {}
    for i, x in enumerate(xs):
        rows[i] = [x, x * x]
    rows[0], rows[1] = rows[1], rows[0]
    rows[0].append(xs[2])
    rows[1][0] *= 3.0
    return sum(rows[0]) * sum(rows[1]) + rows[2][1]


def one_list_under_two_keys(xs):
    rows = {}
    for i, x in enumerate(xs):
        rows[i] = [x]
    rows[7] = rows[0]
    rows[7].append(xs[1])
    return sum(rows[0]) * sum(rows[7]) + rows[1][0]


def bound_again(xs):
    groups = defaultdict(list)
    for i, x in enumerate(xs):
        groups[i % 2].append(x)
    for _ in range(2):
        new = defaultdict(list)
        for k, values in groups.items():
            new[k + 1].append(sum(values) * 2.0)
        groups = new
    return sum(sum(values) ** 2 for values in groups.values())


@pytest.mark.parametrize("program", [swapped, one_list_under_two_keys, bound_again])
def test_what_the_clean_road_does_not_take_is_right_all_the_same(program):
    found = grad(program)(list(XS))
    assert tape.gradient(program, list(XS)) == pytest.approx(found)


def test_a_key_that_is_not_there_raises_as_in_python():
    def f(xs):
        rows = {}
        for i, x in enumerate(xs):
            rows[i] = [x]
        return rows[len(xs)][0]

    with pytest.raises(KeyError):
        grad(f)(XS)


def test_the_dict_holds_places_of_lists():
    def means(rows):
        groups = defaultdict(list)
        for name, x in rows:
            groups[name].append(x)
        return sum(sum(g) / len(g) for g in groups.values())

    derivative = grad(means)
    assert derivative([("a", 1.0), ("b", 2.0), ("a", 3.0)]) == [
        (None, 0.5),
        (None, 1.0),
        (None, 0.5),
    ]
    assert derivative.source == dedent("""\
        def grad_means(rows):
            rows_name = [row[0] for row in rows]
            rows_x = [row[1] for row in rows]
            groups = {}
            groups_lists = []
            length = len(rows)
            kept = []
            for i in range(length):
                name = rows_name[i]
                x = rows_x[i]
                is_new = name not in groups
                if is_new:
                    groups[name] = len(groups_lists)
                    groups_lists.append([])
                groups_item = groups[name]
                kept.append((is_new, groups_item))
                groups_lists[groups_item].append(x)
            keys = list(groups)
            groups_lists_bar = [[0.0] * len(row) for row in groups_lists]
            for j in reversed(range(len(keys))):
                groups_item_1 = groups[keys[j]]
                g = groups_lists[groups_item_1]
                # adjoint of: return sum(sum(g) / len(g) for g in groups.values())
                ratio = 1.0 / len(g)
                g_bar = groups_lists_bar[groups_item_1]
                for i in range(len(g_bar)):
                    # adjoint of: return sum(sum(g) / len(g) for g in groups.values())
                    g_bar[i] += ratio
            rows_x_bar = [0.0] * len(rows)
            for i in reversed(range(length)):
                is_new, groups_item = kept.pop()
                # adjoint of: groups[name].append(x)
                x_bar = groups_lists_bar[groups_item].pop()
                if is_new:
                    groups_lists_bar.pop()
                rows_x_bar[i] = x_bar
            return [(None, item_1_bar) for item_1_bar in rows_x_bar]
        """)
