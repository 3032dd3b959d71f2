"""Arrays in lists that change in place: against differences, in all modes, to second order."""

import copy

import numpy as np
import pytest

from sourcediff import grad, hvp, jvp, value_and_grad, vjp

RNG = np.random.default_rng(8)


def reals(*shape):
    return RNG.normal(size=shape)


def vectors():
    return [reals(3), reals(3), reals(3)]


def aug_arg(hs, v):
    for i in range(len(hs)):
        hs[i] += v * i
    return sum(np.sum(h**3) for h in hs)


def aug_ops(hs, v):
    hs = [h.copy() for h in hs]
    for i in range(len(hs)):
        hs[i] *= v
        hs[i] -= 2.0
        hs[i] /= 1 + v * v
    hs[-1] += hs[0]
    return sum(np.sum(h**3) for h in hs)


def alias_name(hs, v):
    hs = [h * 1 for h in hs]
    h = hs[0]
    hs[0] += v
    return np.sum(h**3) + np.sum(hs[1] * hs[0])


def alias_view(hs, v):
    hs = [h * 1 for h in hs]
    h = hs[0][:2]
    hs[0] += v
    return np.sum(h**3)


def alias_list(hs, v):
    hs = [h * 1 for h in hs]
    ks = list(hs)
    hs[0] += v
    return np.sum(ks[0] ** 3) + np.sum(hs[0] ** 2)


def alias_arg(hs, v):
    ks = list(hs)
    ks[0] += v
    return np.sum(hs[0] ** 3) + np.sum(ks[0] ** 2)


def alias_arg2(hs, v):
    ks = hs[:]
    ks[0] += v
    return np.sum(ks[0] ** 3)


def same_twice(x, v):
    z = x * 1
    hs = [z, z]
    hs[0] += v
    return np.sum(hs[1] ** 3)


def times(x, v):
    hs = [x * 1] * 3
    hs[0] += v
    return np.sum(hs[1] ** 3)


def loop_same(x, v):
    z = x * 1
    hs = []
    for i in range(3):
        hs.append(z)
    hs[0] += v
    return np.sum(hs[1] ** 3)


def append_item(x, v):
    hs = [x * 1, x * 2]
    hs.append(hs[0])
    hs[0] += v
    return np.sum(hs[2] ** 3)


def move_item(x, v):
    hs = [x * 1, x * 2]
    hs[1] = hs[0]
    hs[0] += v
    return np.sum(hs[1] ** 3)


def swap(x, v):
    hs = [x * 1, x * 2]
    hs[0], hs[1] = (hs[1], hs[0])
    hs[0] += v
    return np.sum(hs[1] ** 3) + np.sum(hs[0] ** 2)


def outer_used(x, v):
    z = x * 1
    hs = [z]
    hs[0] += v
    return np.sum(z**3)


def rows_of_matrix(x, v):
    m = np.outer(x, x)
    hs = [m[0], m[1]]
    hs[0] += v
    return np.sum(m**3)


def rows_iter(x, v):
    m = np.outer(x, x)
    hs = [row for row in m]  # noqa: C416
    hs[0] += v
    return np.sum(m**3)


def split_views(x, v):
    z = x * 1
    hs = [z[:2], z[1:]]
    hs[0] += v[:2]
    return np.sum(hs[1] ** 3)


def param_in(x, v):
    hs = [x]
    hs[0] += v
    return np.sum(hs[0] ** 3)


def for_alias(hs, v):
    for h in hs:
        h += v
        h *= h
    return sum(np.sum(h) for h in hs)


def sgd_zip(ps, gs, lr):
    for p_, g in zip(ps, gs, strict=True):
        p_ -= lr * g
    return sum(np.sum(p_**2) for p_ in ps)


def sgd_mom(ps, gs, lr, n):
    vs = [np.zeros_like(p_) for p_ in ps]
    for t in range(n):
        for p_, g, v in zip(ps, gs, vs, strict=False):
            v *= 0.9
            v += g * p_
            p_ -= lr * v
    return sum(np.sum(p_**2) for p_ in ps)


def adam(ps, gs, lr, n):
    ms = [np.zeros_like(p_) for p_ in ps]
    vs = [np.zeros_like(p_) for p_ in ps]
    for t in range(1, n + 1):
        for i in range(len(ps)):
            g = gs[i] * ps[i]
            ms[i] = 0.9 * ms[i] + 0.1 * g
            vs[i] = 0.99 * vs[i] + 0.01 * g * g
            mh = ms[i] / (1 - 0.9**t)
            vh = vs[i] / (1 - 0.99**t)
            ps[i] -= lr * mh / (np.sqrt(vh) + 0.001)
    return sum(np.sum(p_**2) for p_ in ps)


def items_w(hs, v):
    for i in range(len(hs)):
        for j in range(3):
            hs[i][j] += v[j] * i
            hs[i][j] = hs[i][j] * hs[i][0]
    return sum(np.sum(h**3) for h in hs)


def slices_w(hs, v):
    for h in hs:
        h[1:] += v[:-1]
        h[0] = h[1] * h[2]
        h[::2] *= 2.0
    return sum(np.sum(h**3) for h in hs)


def mask_w(hs, v):
    for h in hs:
        h[h < 0] = 0.5
        h[v > 0] *= 2.0
    return sum(np.sum(h**3) for h in hs)


def making(x, v):
    rows = []
    for i in range(3):
        row = np.zeros(3)
        row[:] = x * i
        row[0] += v[i]
        rows.append(row)
    return sum(np.sum(rw**3) for rw in rows) + np.sum(rows[1] * rows[2])


def making_late(x, v):
    rows = []
    for i in range(3):
        row = np.zeros(3)
        rows.append(row)
        row[:] = x * i
        row += v
    return sum(np.sum(rw**3) for rw in rows)


def making_shared(x, v):
    rows = []
    row = np.zeros(3)
    for i in range(3):
        row += x
        rows.append(row)
    return sum(np.sum(rw**3) for rw in rows)


def making_copy(x, v):
    rows = []
    row = np.zeros(3)
    for i in range(3):
        row += x * v[i]
        rows.append(row.copy())
    return sum(np.sum(rw**3) for rw in rows)


def making_branch(x, v, c):
    z = x * 1
    w = x * 2
    y = z if v[0] > 0 else w
    z[0] = 5.0
    hs = [y]
    return np.sum(hs[0] ** 3)


def in_branch(hs, v):
    for i in range(len(hs)):
        if v[i] > 0:
            hs[i] += v
        else:
            hs[i][0] = v[1]
    return sum(np.sum(h**3) for h in hs)


def nested_loop(hs, v):
    for h in hs:
        for k in range(2):
            h += v * k
    return sum(np.sum(h**3) for h in hs)


def popped(hs, v):
    hs = [h * 1 for h in hs]
    h = hs.pop()
    h += v
    return np.sum(h**3) + sum(np.sum(k**2) for k in hs)


def kept_ref(hs, v):
    hs = [h * 1 for h in hs]
    kept = []
    for i in range(3):
        kept.append(hs[i])
        hs[i] += v
    return sum(np.sum(k**3) for k in kept)


def hf(hs, v):
    for i in range(len(hs)):
        hs[i] += v


def viahelper(hs, v):
    hf(hs, v)
    hf(hs, v * 2)
    return sum(np.sum(h**3) for h in hs)


def hr(h, v):
    h += v
    h[0] *= 2.0


def viahelper2(hs, v):
    for h in hs:
        hr(h, v)
    hr(hs[1], v)
    return sum(np.sum(h**3) for h in hs)


def grads_acc(Ws, bs, x):
    gW = [np.zeros_like(W) for W in Ws]
    gb = [np.zeros_like(b) for b in bs]
    for k in range(2):
        h = x * (k + 1)
        for i in range(2):
            z = Ws[i] @ h + bs[i]
            h = np.tanh(z)
            gW[i] += np.outer(z, h)
            gb[i] += z
    return sum(np.sum(g**2) for g in gW) + sum(np.sum(g) for g in gb)


def dp_rows(x, n):
    D = [np.zeros(3) for _ in range(n)]
    D[0][:] = x
    for i in range(1, n):
        for j in range(3):
            D[i][j] = D[i - 1][j] * x[j] + (D[i][j - 1] if j > 0 else 0.5)
    return np.sum(D[-1])


def last(x, n):
    hs = [np.zeros(3)]
    for i in range(n):
        hs.append(hs[-1] * x)
        hs[-1] += x
        hs[-1][0] = i * x[1]
    return np.sum(hs[-1]) + np.sum(hs[1] ** 2)


def two_lists(a, b):
    for i in range(2):
        a[i] += b[i]
        b[i] *= a[i]
    return np.sum(a[0] * b[1]) + np.sum(b[0] ** 2)


def enum(hs, v):
    for i, h in enumerate(hs):
        h += v * i
        hs[i] *= 2
    return sum(np.sum(h**3) for h in hs)


def stacked(hs, v):
    for h in hs:
        h += v
    return np.sum(np.stack(hs) ** 3)


def value_used(hs, v):
    for i in range(3):
        old = hs[i] * 1
        hs[i] += old * v
        hs[i] -= old.sum()
    return np.sum(hs[0] * hs[1])


def whilel(hs, v):
    i = 0
    while i < len(hs):
        hs[i] += v
        i += 1
    return np.sum(hs[0] * hs[1])


def dropped(hs, v):
    hs = [h * 1 for h in hs]
    a = hs[0]
    hs[0] = v * 2
    a += v
    hs[0] += a
    return np.sum(hs[0] ** 2) + np.sum(a**3)


def comp_after(hs, v):
    hs = [h * 1 for h in hs]
    ks = [h for h in hs]  # noqa: C416
    for k in ks:
        k += v
    return sum(np.sum(h**3) for h in hs)


def tup(hs, v):
    hs = [h * 1 for h in hs]
    t = (hs[0], hs[1])
    hs[0] += v
    return np.sum(t[0] ** 3)


#: Programs of which the text is as one would write it.
CLEAN = [
    (
        aug_arg,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        aug_ops,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        alias_arg2,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        for_alias,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        sgd_zip,
        (
            vectors(),
            vectors(),
            0.1,
        ),
    ),
    (
        sgd_mom,
        (
            vectors(),
            vectors(),
            0.1,
            3,
        ),
    ),
    (
        adam,
        (
            vectors(),
            vectors(),
            0.1,
            3,
        ),
    ),
    (
        items_w,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        slices_w,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        mask_w,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        making,
        (
            reals(3),
            reals(3),
        ),
    ),
    (
        making_copy,
        (
            reals(3),
            reals(3),
        ),
    ),
    (
        in_branch,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        viahelper,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        viahelper2,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        grads_acc,
        (
            [reals(2, 2), reals(2, 2)],
            [reals(2), reals(2)],
            reals(2),
        ),
    ),
    (
        dp_rows,
        (
            reals(3),
            4,
        ),
    ),
    (
        last,
        (
            reals(3),
            4,
        ),
    ),
    (
        two_lists,
        (
            [reals(3), reals(3)],
            [reals(3), reals(3)],
        ),
    ),
    (
        enum,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        stacked,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        value_used,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        whilel,
        (
            vectors(),
            reals(3),
        ),
    ),
]
#: Programs in which somebody else can tell that an array has changed: the general form.
OTHERS = [
    (
        alias_name,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        alias_view,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        alias_list,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        alias_arg,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        same_twice,
        (
            reals(3),
            reals(3),
        ),
    ),
    (
        times,
        (
            reals(3),
            reals(3),
        ),
    ),
    (
        loop_same,
        (
            reals(3),
            reals(3),
        ),
    ),
    (
        append_item,
        (
            reals(3),
            reals(3),
        ),
    ),
    (
        move_item,
        (
            reals(3),
            reals(3),
        ),
    ),
    (
        swap,
        (
            reals(3),
            reals(3),
        ),
    ),
    (
        outer_used,
        (
            reals(3),
            reals(3),
        ),
    ),
    (
        rows_of_matrix,
        (
            reals(3),
            reals(3),
        ),
    ),
    (
        rows_iter,
        (
            reals(3),
            reals(3),
        ),
    ),
    (
        split_views,
        (
            reals(3),
            reals(3),
        ),
    ),
    (
        param_in,
        (
            reals(3),
            reals(3),
        ),
    ),
    (
        making_late,
        (
            reals(3),
            reals(3),
        ),
    ),
    (
        making_shared,
        (
            reals(3),
            reals(3),
        ),
    ),
    (
        making_branch,
        (
            reals(3),
            reals(3),
            True,
        ),
    ),
    (
        nested_loop,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        popped,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        kept_ref,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        dropped,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        comp_after,
        (
            vectors(),
            reals(3),
        ),
    ),
    (
        tup,
        (
            vectors(),
            reals(3),
        ),
    ),
]


def moved(value, direction, step):
    """A structure of arrays a step along a direction of the same structure."""
    if isinstance(value, list):
        return [moved(v, d, step) for v, d in zip(value, direction, strict=True)]
    return value if direction is None else value + step * direction


def like(value):
    """A direction for a structure; None for what is not differentiated."""
    if isinstance(value, list):
        return [like(v) for v in value]
    if isinstance(value, np.ndarray):
        return RNG.uniform(-1, 1, value.shape)
    return float(RNG.uniform(-1, 1)) if isinstance(value, float) else None


def inner(one, other):
    if other is None:
        return 0.0
    if isinstance(other, list):
        return sum(map(inner, one, other))
    return float(np.sum(one * other))


def along(f, args, directions, step=1e-5):
    ends = [
        f(*[moved(copy.deepcopy(a), d, s) for a, d in zip(args, directions, strict=True)])
        for s in (step, -step)
    ]
    return (ends[0] - ends[1]) / (2 * step)


@pytest.mark.parametrize(("f", "args"), CLEAN + OTHERS, ids=lambda f: getattr(f, "__name__", ""))
def test_gradients(f, args):
    wanted = tuple(k for k, arg in enumerate(args) if not isinstance(arg, int))
    before = copy.deepcopy(args)
    derivative = value_and_grad(f, argnums=wanted)
    value, gradients = derivative(*args)
    assert value == f(*copy.deepcopy(args))
    assert repr(args) == repr(before)
    is_clean = any(f is known for known, _ in CLEAN)
    assert derivative.__sourcediff__.latest.is_general is not is_clean
    for _ in range(2):
        directions = [like(arg) for arg in args]
        expected = along(f, args, directions)
        slope = sum(inner(g, directions[k]) for k, g in zip(wanted, gradients, strict=True))
        assert slope == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(("f", "args"), CLEAN, ids=lambda f: getattr(f, "__name__", ""))
def test_modes_and_second_order(f, args):
    wanted = tuple(k for k, arg in enumerate(args) if not isinstance(arg, int))
    directions = [like(arg) for arg in args]
    gradients = grad(f, argnums=wanted)

    def slope(*given):
        return sum(inner(g, directions[k]) for k, g in zip(wanted, gradients(*given), strict=True))

    now = slope(*args)
    _, pullback = vjp(f, *args)
    for _ in range(2):
        assert sum(map(inner, pullback(1.0), directions)) == pytest.approx(now)
    _, tangent = jvp(f, args, tuple(directions))
    assert tangent == pytest.approx(now)
    bent = sum(map(inner, hvp(f, args, tuple(directions)), directions))
    assert bent == pytest.approx(along(slope, args, directions), rel=1e-4, abs=1e-5)


def test_one_array_in_two_places_of_a_list():
    x, v = reals(3), reals(3)
    for f in (aug_arg, for_alias):
        first, _ = grad(f)([x, x], v)
        step = 1e-6 * np.ones(3)
        ends = [f([y, y], v) for y in (x + step, x - step)]
        assert np.sum(first) == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6)


def test_single_precision_stays():
    hs, v = [reals(3).astype(np.float32) for _ in range(2)], reals(3).astype(np.float32)
    value, gradient = value_and_grad(aug_arg)(hs, v)
    assert value == aug_arg(copy.deepcopy(hs), v)
    assert all(g.dtype == np.float32 for g in gradient)
