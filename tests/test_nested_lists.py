# ruff: noqa: B905
"""Lists of lists to any depth, and lists that the turns of a loop make one from another.

Everything is held against differences, to order two, and in forward mode; the texts that are
quoted are what a person would write.
"""

import copy
import itertools
import math

import pytest

from sourcediff import grad, hvp, jvp, tape, vjp

WEIGHTS = [[[0.1, 0.2], [0.3, 0.4]], [[0.5, 0.6]]]
BIASES = [[0.1, 0.2], [0.3]]
INPUTS = [1.0, 2.0]
CUBE = [[[1.0, 2.0], [3.0, 4.0]], [[0.5, 0.6], [0.7, 0.8]]]
MATRIX = [[0.5, 0.1], [0.2, 0.7]]


def layer(W, b, x):
    return [math.tanh(sum(w * xi for w, xi in zip(row, x)) + bi) for row, bi in zip(W, b)]


def network(weights, biases, inputs):
    h = inputs
    for W, b in zip(weights, biases):
        h = layer(W, b, h)
    return sum(h)


def network_by_places(weights, biases, inputs):
    h = inputs
    for k in range(len(weights)):
        new = []
        for i in range(len(weights[k])):
            s = biases[k][i]
            for j in range(len(h)):
                s += weights[k][i][j] * h[j]
            new.append(math.tanh(s))
        h = new
    return sum(h)


def all_activations(weights, biases, inputs):
    acts = [inputs]
    for W, b in zip(weights, biases):
        acts.append([math.tanh(sum(w * a for w, a in zip(r, acts[-1])) + c) for r, c in zip(W, b)])
    return acts[-1][0] * acts[1][0]


def convolution(image, kernel):
    n, k = len(image[0]), len(kernel[0])
    out = [[0.0] * (n - k + 1) for _ in range(n - k + 1)]
    for c in range(len(image)):
        for i in range(n - k + 1):
            for j in range(n - k + 1):
                for a in range(k):
                    for b in range(k):
                        out[i][j] += image[c][i + a][j + b] * kernel[c][a][b]
    return sum(v**2 for row in out for v in row)


def product(A, B):
    return [
        [sum(A[i][k] * B[k][j] for k in range(len(B))) for j in range(len(B[0]))]
        for i in range(len(A))
    ]


def product_in_place(A, B):
    n = len(A)
    C = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            for k in range(n):
                C[i][j] += A[i][k] * B[k][j]
    return C


def power(A):
    R = A
    for _ in range(3):
        R = product(R, A)
    return R[0][1] + R[1][1]


def power_in_place(A):
    R = A
    for _ in range(3):
        R = product_in_place(R, A)
    return R[0][1] + R[1][1]


def earlier_powers(A):
    powers = [A]
    for k in range(3):
        powers.append(product_in_place(powers[k], powers[0]))
    return powers[3][0][0] * powers[1][1][0] + powers[2][0][1]


def accumulated(t):
    acc = t[0]
    for m in t:
        acc = [[a + b * a for a, b in zip(r, q)] for r, q in zip(acc, m)]
    return acc[0][0] * acc[1][1]


def two_names(t):
    u = t
    m = t[0]
    return u[0][1][0] * m[1][0] * t[1][1][1]


def chosen(t):
    m = t[1]
    if m[0][0] > 0.1:
        m = t[0]
    return m[1][1] * m[0][0] * t[1][0][0]


def changed(t):
    a = [[[2 * x for x in r] for r in m] for m in t]
    a[0][1][0] *= a[1][0][1]
    row = a[0][1]
    row[1] = row[0] * 2
    m = a[1]
    m[0] = row
    m[0][1] += 1.0
    return sum(sum(sum(r) for r in q) for q in a) + a[0][1][1] ** 2


def swapped(t):
    u = [[list(r) for r in m] for m in t]
    u[0], u[1] = u[1], u[0]
    u[0][0], u[0][1] = u[0][1], u[0][0]
    return u[0][0][0] * u[1][1][0] + u[0][1][1] ** 2


def popped(t):
    s = [[list(r) for r in m] for m in t]
    m = s.pop()
    m.append([m[0][0] * 2, 3.0])
    s.append(m)
    return sum(r[0] * r[1] for q in s for r in q)


def known_while_it_is_made(A):
    # What is read from the row stands under another name, and is written to afterwards.
    C = []
    row = [0.0, 0.0]
    total = 0.0
    for i in range(2):
        C.append(row)
        total += C[0][0] * A[i][0]
        row[0] += A[i][1]
    return total + C[1][0] ** 2


def handed_on_before_it_is_done(A):
    rows = [[A[0][0], 1.0]]
    last = rows
    for i in range(2):
        last[0][1] *= A[i][1]
        last = [[last[0][0], last[0][1]]]
        rows[0][0] += last[0][1]
        last[0][0] += rows[0][0]
    return last[0][0] * rows[0][0] * last[0][1]


def grows_while_it_is_read(A):
    out = [[A[0][0]]]
    for i in range(3):
        out[-1].append(out[-1][-1] * A[i % 2][0])
        out.append([out[-1][0] + out[-1][1]])
    return out[-1][0] + out[0][1] * out[1][0]


def one_row_in_two_lists(A):
    total = 0.0
    for i in range(2):
        row = [A[i][0], A[i][1]]
        one = [row]
        two = [row]
        one[0][0] *= 3.0
        total += two[0][0] * A[0][1]
        two[0][1] += total
        total *= one[0][1]
    return total


PROGRAMS = [
    (network, (WEIGHTS, BIASES, INPUTS)),
    (network_by_places, (WEIGHTS, BIASES, INPUTS)),
    (all_activations, (WEIGHTS, BIASES, INPUTS)),
    (convolution, ([[[1.0, 2.0, 3.0], [4.0, -5.0, 6.0], [7.0, 8.0, 9.0]]], [CUBE[1]])),
    (power, (MATRIX,)),
    (power_in_place, (MATRIX,)),
    (earlier_powers, (MATRIX,)),
    *[(f, (CUBE,)) for f in (accumulated, two_names, chosen, changed, swapped, popped)],
    *[
        (f, (MATRIX,))
        for f in (
            known_while_it_is_made,
            handed_on_before_it_is_done,
            grows_while_it_is_read,
            one_row_in_two_lists,
        )
    ],
]


POWER = """\
def grad_power_in_place(A):
    Rs = []
    R = A
    for _ in range(3):
        Rs.append(R)
        n = len(R)
        C = [[0.0] * n for _ in range(n)]
        for i in range(n):
            for j in range(n):
                for k in range(n):
                    C[i][j] += R[i][k] * A[k][j]
        R = C
    R_bar = [[0.0] * len(row) for row in R]
    # adjoint of: return R[0][1] + R[1][1]
    R_bar[1][1] += 1.0
    R_bar[0][1] += 1.0
    A_bar = [[0.0] * len(row) for row in A]
    for R in reversed(Rs):
        n = len(R)
        R_bar_1 = [[0.0] * len(row) for row in R]
        for i in reversed(range(n)):
            for j in reversed(range(n)):
                for k in reversed(range(n)):
                    # adjoint of: C[i][j] += A[i][k] * B[k][j]
                    part = R_bar[i][j]
                    part_1 = A[k][j]
                    product = part * part_1
                    A_bar[k][j] += part * R[i][k]
                    R_bar_1[i][k] += product
        R_bar = R_bar_1
    for i in range(len(A_bar)):
        R_bar_i = R_bar[i]
        A_bar_i = A_bar[i]
        for j in range(len(A_bar_i)):
            A_bar_i[j] += R_bar_i[j]
    return A_bar
"""

NETWORK = """\
import math


def grad_network(weights, biases, inputs):
    value = min(len(weights), len(biases))
    kept = []
    h = inputs
    for W, b in zip(weights, biases):
        h_1 = [math.tanh(sum(w * xi for w, xi in zip(row, h)) + bi) for row, bi in zip(W, b)]
        kept.append((h, h_1))
        h = h_1
    h_bar = [1.0] * len(h)
    weights_bar = [[[0.0] * len(row) for row in rows] for rows in weights]
    biases_bar = [[0.0] * len(row) for row in biases]
    for i in reversed(range(value)):
        h, h_1 = kept.pop()
        h_bar_1 = [0.0] * len(h)
        W_bar = weights_bar[i]
        b_bar = biases_bar[i]
        W = weights[i]
        b = biases[i]
        for j in reversed(range(min(len(W), len(b)))):
            h_1_j = h_1[j]
            # adjoint of: h = layer(W, b, h)
            bi_bar = h_bar[j] * (1 - h_1_j * h_1_j)
            row_bar = W_bar[j]
            row = W[j]
            for k, (w, xi) in enumerate(zip(row, h)):
                # adjoint of: h = layer(W, b, h)
                h_bar_1[k] += bi_bar * w
                row_bar[k] += bi_bar * xi
            # adjoint of: h = layer(W, b, h)
            b_bar[j] += bi_bar
        h_bar = h_bar_1
    return weights_bar, biases_bar
"""


def flat(value):
    if isinstance(value, list | tuple):
        return [number for item in value for number in flat(item)]
    return [value]


def like(value, numbers):
    """A structure of numbers in the shape of another."""
    if isinstance(value, list | tuple):
        return type(value)(like(item, numbers) for item in value)
    return next(numbers)


def moved(value, tangent, by):
    if isinstance(value, list | tuple):
        return type(value)(moved(a, b, by) for a, b in zip(value, tangent, strict=True))
    return value + by * tangent


def along(function, args, tangents):
    """The difference of a function of several arguments along a direction."""
    h = 1e-5
    ahead, behind = (flat(function(*moved(args, tangents, by))) for by in (h, -h))
    return [(a - b) / (2 * h) for a, b in zip(ahead, behind, strict=True)]


def dot(a, b):
    return sum(x * y for x, y in zip(flat(a), flat(b), strict=True))


@pytest.mark.parametrize(("function", "args"), PROGRAMS)
def test_nested_lists(function, args):
    places = tuple(range(len(args)))
    gradient = grad(function, argnums=places)
    before = copy.deepcopy(args)
    found = gradient(*args)
    assert args == before
    assert flat(found) == pytest.approx(flat(tape.gradient(function, *args, argnums=places)))

    tangents = like(args, (math.sin(1.0 + k) for k in itertools.count()))
    (slope,) = along(function, args, tangents)
    assert dot(found, tangents) == pytest.approx(slope, rel=1e-6)
    assert jvp(function, args, tangents)[1] == pytest.approx(slope, rel=1e-6)

    value, pullback = vjp(function, *args)
    assert value == function(*args)
    assert flat(pullback(1.0)) == pytest.approx(flat(found))
    assert flat(pullback(2.0)) == pytest.approx([2.0 * x for x in flat(found)])
    assert args == before

    bend = along(gradient, args, tangents)
    assert flat(hvp(function, args, tangents)) == pytest.approx(bend, rel=1e-5, abs=1e-7)


def test_what_a_turn_makes_of_a_list_is_kept_as_a_list():
    """Nothing is copied, and nothing kept but the lists that are there anyway."""
    gradient = grad(power_in_place)
    gradient(MATRIX)
    assert gradient.source == POWER


def test_a_network_of_lists_keeps_its_activations():
    gradient = grad(network, argnums=("weights", "biases"))
    gradient(WEIGHTS, BIASES, INPUTS)
    assert gradient.source == NETWORK


def test_what_is_kept_of_a_list_is_kept_when_the_list_is_there():
    """It was kept with numbers of the turn, before the comprehension that makes it."""

    def f(A, c):
        B = [list(row) for row in A]
        total = 0.0
        for _ in range(2):
            B[1][0] *= c
            B[0] = [B[0][0], c]
            out = [list(row) for row in B]
            for i in range(2):
                for j in range(2):
                    out[i][j] = math.tanh(out[i - 1][j] * A[1][-1] + B[i][j])
            total += out[0][1]
        return total + B[0][0] * B[1][0]

    found = grad(f, argnums=(0, 1))(MATRIX, 0.8)
    assert flat(found) == pytest.approx(flat(tape.gradient(f, MATRIX, 0.8, argnums=(0, 1))))


def test_a_list_that_a_loop_has_filled_may_change_afterwards():
    """What is written to it later was taken for part of the filling, and a second name for none."""

    def put_into_another(a):
        xs = [a * i for i in range(3)]
        rows = []
        rows.append(xs)
        xs[1] *= a
        return rows[0][1] * xs[1]

    def chosen_on_one_way(a):
        xs = [a * i for i in range(3)]
        ys = xs if a > 0 else [a]
        xs[1] *= a
        return ys[1] * xs[1]

    def in_a_list_of_matrices(a):
        A = [[a, 2.0], [3.0, a * a]]
        B = [list(row) for row in A]
        both = [B, A]
        B[1] = [a, 5.0 * a]
        return sum(m[0][0] * m[1][1] for m in both) + B[1][0]

    for function in (put_into_another, chosen_on_one_way, in_a_list_of_matrices):
        assert grad(function)(0.7) == pytest.approx(tape.gradient(function, 0.7))
        bend = (grad(function)(0.7 + 1e-6) - grad(function)(0.7 - 1e-6)) / 2e-6
        assert grad(grad(function))(0.7) == pytest.approx(bend, rel=1e-6)


def test_what_is_not_asked_for_has_no_list_of_adjoints():
    """The inputs of the first layer stand under the name of what varies."""

    def loss(weights, biases, data):
        total = 0.0
        for inputs, wanted in data:
            h = inputs
            for W, b in zip(weights, biases):
                h = layer(W, b, h)
            total += (h[0] - wanted) ** 2
        return total

    data = [([1.0, 2.0], 0.5), ([0.3, 0.4], 0.1)]
    gradient = grad(loss, argnums=("weights", "biases"))
    found = gradient(WEIGHTS, BIASES, data)
    expected = tape.gradient(loss, WEIGHTS, BIASES, data, argnums=(0, 1))
    assert flat(found) == pytest.approx(flat(expected))
    assert "data_0_bar" not in gradient.source
    assert "inputs_bar" not in gradient.source


def test_a_list_of_adjoints_is_read_under_any_of_its_names():
    def rows_by_name(A):
        rows = [[a * a for a in row] for row in A]
        first = rows[0]
        both = [first, rows[1]]
        return both[0][1] * rows[1][0] + first[0]

    def made_in_turns(A):
        total = 0.0
        for row in A:
            squares = [a * a for a in row]
            pairs = [squares, row]
            total += pairs[0][1] * pairs[1][0]
        return total

    for function in (rows_by_name, made_in_turns):
        assert flat(grad(function)(MATRIX)) == pytest.approx(flat(tape.gradient(function, MATRIX)))


def test_a_branch_that_hands_on_what_is_filled_behind_it():
    def f(rows, a):
        made = [rows[0], [a]]
        if a < 1.0:
            made = rows
        copies = [list(row) for row in made]
        return a + sum(copies[0]) * a

    for a in (0.7, 1.3):
        assert grad(f, (0, 1))([[1.0, 2.0], [3.0]], a) == ([[a, a], [0.0]], 4.0)
