"""Complex numbers in functions of real ones: against `cmath`, and against parts written by hand."""

import cmath
import math

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, hessian, jvp, value_and_grad, vjp


def refused(*words):
    return pytest.raises(DifferentiationError, match=".*".join(words))


# Every operation, at points of the plane ----------------------------------------------------


def by_real(f):
    return lambda x, y: f(complex(x, y)).real


def by_imaginary(f):
    return lambda x, y: f(complex(x, y)).imag


OPERATIONS = {
    "z + 2": lambda z: z + 2,
    "1.5 - z": lambda z: 1.5 - z,
    "-z": lambda z: -z,
    "3 * z": lambda z: 3 * z,
    "1j * z": lambda z: 1j * z,
    "z * (2 - 1j)": lambda z: z * (2 - 1j),
    "z * z": lambda z: z * z,
    "1 / z": lambda z: 1 / z,
    "z / 2.5": lambda z: z / 2.5,
    "z / 2j": lambda z: z / 2j,
    "(z + 1) / (z - 3j)": lambda z: (z + 1) / (z - 3j),
    "z ** 0": lambda z: z**0,
    "z ** 1": lambda z: z**1,
    "z ** 5": lambda z: z**5,
    "z ** -2": lambda z: z**-2,
    "z ** 2.0": lambda z: z**2.0,
    "z ** 0.5": lambda z: z**0.5,
    "z ** (1 - 0.5j)": lambda z: z ** (1 - 0.5j),
    "2.5 ** z": lambda z: 2.5**z,
    "(-2) ** z": lambda z: (-2) ** z,
    "z ** z": lambda z: z**z,
    "pow(z, 3)": lambda z: pow(z, 3),
    "sum([z, 1, z * z])": lambda z: sum([z, 1, z * z]),
    "cmath.exp": lambda z: cmath.exp(z),
    "cmath.log": lambda z: cmath.log(z),
    "cmath.log(z, 2)": lambda z: cmath.log(z, 2),
    "cmath.log10": lambda z: cmath.log10(z),
    "cmath.sqrt": lambda z: cmath.sqrt(z),
    "cmath.sin": lambda z: cmath.sin(z),
    "cmath.cos": lambda z: cmath.cos(z),
    "cmath.tan": lambda z: cmath.tan(z),
    "cmath.sinh": lambda z: cmath.sinh(z),
    "cmath.cosh": lambda z: cmath.cosh(z),
    "cmath.tanh": lambda z: cmath.tanh(z),
    "np.exp": lambda z: np.exp(z),
    "np.sqrt": lambda z: np.sqrt(z),
    "np.log": lambda z: np.log(z),
    "np.tanh": lambda z: np.tanh(z),
}
POINTS = [(1.3, 0.4), (-0.7, 1.1), (-1.2, -0.9), (0.6, -1.6)]


def slopes_by_differences(f, z, h=1e-6):
    """The derivative of a holomorphic function along both axes, which agree."""
    along = (f(z + h) - f(z - h)) / (2 * h)
    across = (f(z + 1j * h) - f(z - 1j * h)) / (2j * h)
    assert cmath.isclose(along, across, rel_tol=1e-6, abs_tol=1e-7)
    return along


@pytest.mark.parametrize("f", OPERATIONS.values(), ids=OPERATIONS)
def test_every_operation_has_the_derivative_of_a_holomorphic_function(f):
    """The parts obey Cauchy and Riemann: u_x = v_y = Re f', v_x = -u_y = Im f'."""
    for real, derivatives in (
        (True, value_and_grad(by_real(f), argnums=(0, 1))),
        (False, value_and_grad(by_imaginary(f), argnums=(0, 1))),
    ):
        for x, y in POINTS:
            z = complex(x, y)
            value, found = derivatives(x, y)
            whole, slope = f(z), slopes_by_differences(f, z)
            expected = (slope.real, -slope.imag) if real else (slope.imag, slope.real)
            assert value == pytest.approx(whole.real if real else whole.imag, rel=1e-13, abs=1e-14)
            assert found == pytest.approx(expected, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("f", OPERATIONS.values(), ids=OPERATIONS)
def test_every_operation_in_forward_mode_and_in_second_order(f):
    part = by_imaginary(f)
    slope = grad(part, argnums=(0, 1))
    curved = hessian(part, argnums=(0, 1))
    for x, y in POINTS[1:3]:
        _, tangent = jvp(part, (x, y), (0.3, -0.8))
        assert tangent == pytest.approx(np.dot(slope(x, y), (0.3, -0.8)), rel=1e-10, abs=1e-12)
        h = 1e-5
        across = np.subtract(slope(x + h, y), slope(x - h, y)) / (2 * h)
        assert curved(x, y)[0] == pytest.approx(tuple(across), rel=1e-5, abs=1e-6)
        # Both parts of a holomorphic function are harmonic.
        assert curved(x, y)[0][0] + curved(x, y)[1][1] == pytest.approx(0.0, abs=1e-9)


REAL_VALUED = {
    "abs": lambda z: abs(z),
    "np.abs": lambda z: np.abs(z),
    "z.real": lambda z: z.real * z.imag,
    "conjugate": lambda z: (z.conjugate() * z * z).imag,
    "phase": lambda z: cmath.phase(z),
    "polar": lambda z: cmath.polar(z)[0] * cmath.polar(z)[1],
    "rect": lambda z: abs(cmath.rect(z.real, z.imag) + 1),
    "np.angle": lambda z: np.angle(z) + np.real(z) * np.imag(np.conj(z)),
    "truth": lambda z: abs(z) if z else 0.0,
    "equal": lambda z: 0.0 if z == 1 or z != z else abs(z + 1),
}


@pytest.mark.parametrize("f", REAL_VALUED.values(), ids=REAL_VALUED)
def test_functions_that_give_real_numbers(f):
    def parts(x, y):
        return f(complex(x, y))

    for x, y in POINTS:
        h = 1e-6
        expected = [
            (f(complex(x + h, y)) - f(complex(x - h, y))) / (2 * h),
            (f(complex(x, y + h)) - f(complex(x, y - h))) / (2 * h),
        ]
        found = grad(parts, argnums=(0, 1))(x, y)
        assert found == pytest.approx(tuple(expected), rel=1e-6, abs=1e-7)
        assert jvp(parts, (x, y), (1.0, 0.0))[1] == pytest.approx(expected[0], rel=1e-6, abs=1e-7)


def test_the_table_of_functions_is_tested():
    from sourcediff.frontend.complexes.formulas import FUNCTIONS

    assert {f"cmath.{name}" for name in FUNCTIONS} <= OPERATIONS.keys()


# Programs, beside the same ones in real and imaginary parts ------------------------------------


def divider(R, C, w):
    return abs(1 / (1 + 1j * w * R * C))


def divider_by_parts(R, C, w):
    return 1 / math.hypot(1, w * R * C)


def mismatch(R, X):
    z = R + 1j * X
    reflected = (z - Z0) / (z + Z0)
    return 20 * math.log10(abs(reflected))


def mismatch_by_parts(R, X):
    return 20 * math.log10(math.hypot(R - 50, X - 10) / math.hypot(R + 50, X + 10))


Z0 = 50 + 10j


def escape(a, b):
    z, c = 0, complex(a, b)
    for _ in range(12):
        z = z * z + c
        if abs(z) > 2:
            break
    return abs(z) ** 2


def escape_by_parts(a, b):
    x = y = 0.0
    for _ in range(12):
        x, y = x * x - y * y + a, 2 * x * y + b
        if math.hypot(x, y) > 2:
            break
    return x * x + y * y


def root(a, b):
    z = 0.5 + 0.6j
    while abs(z**3 + a * z + b) > 1e-13:
        z -= (z**3 + a * z + b) / (3 * z**2 + a)
    return z.imag


def root_by_parts(a, b):
    """The implicit function: of the root that Newton's iteration finds."""
    candidates = np.roots([1.0, 0.0, a, b])
    return max(candidates.imag)


def spin(theta, phi):
    up, down = 1 + 0j, 0j
    for _ in range(3):
        c, s = math.cos(theta / 2), -1j * math.sin(theta / 2)
        up, down = c * up + s * down, s * up + c * down
        down = down * cmath.exp(1j * phi)
    return abs(down) ** 2


def spin_by_parts(theta, phi):
    ur, ui, dr, di = 1.0, 0.0, 0.0, 0.0
    for _ in range(3):
        c, s = math.cos(theta / 2), math.sin(theta / 2)
        ur, ui, dr, di = c * ur + s * di, c * ui - s * dr, s * ui + c * dr, -s * ur + c * di
        p, q = math.cos(phi), math.sin(phi)
        dr, di = dr * p - di * q, dr * q + di * p
    return dr * dr + di * di


def spectrum(x, y):
    total = 0.0
    for k in range(4):
        w = cmath.exp(-2j * math.pi * k / 4)
        total += k * abs(x + y * w + x * y * w**2 + w**3) ** 2
    return total


def spectrum_by_parts(x, y):
    a, b, c, d = x, y, x * y, 1.0
    first = (a - c) ** 2 + (b - d) ** 2
    return 1 * first + 2 * (a - b + c - d) ** 2 + 3 * first


def chosen(x, y):
    z = complex(x, y)
    z = z * (1 - 2j) if x > 1 else 3
    return abs(z) ** 2


def chosen_by_parts(x, y):
    return 5 * (x * x + y * y) if x > 1 else 9.0


class Line:
    loss = 0.1 + 0.2j


def through_a_class(x, y):
    def step(z, gain=1j):
        return z * gain + Line.loss

    z = step(step(x + 0j), y)
    return z.real - z.imag


def through_a_class_by_parts(x, y):
    re, im = 0.1, x + 0.2
    re, im = re * y + 0.1, im * y + 0.2
    return re - im


def characteristic(L, C):
    """A line with losses, whose root has a cut."""
    gamma = cmath.sqrt((0.1 + 1j * L) * (0.02 + 1j * C))
    return gamma.real + 2 * gamma.imag


def characteristic_by_parts(L, C):
    re, im = 0.1 * 0.02 - L * C, 0.1 * C + 0.02 * L
    size, angle = math.hypot(re, im), math.atan2(im, re)
    return math.sqrt(size) * (math.cos(angle / 2) + 2 * math.sin(angle / 2))


PROGRAMS = [
    (divider, divider_by_parts, (1.2, 0.7, 2.0)),
    (mismatch, mismatch_by_parts, (20.0, 35.0)),
    (escape, escape_by_parts, (-0.4, 0.3)),
    (escape, escape_by_parts, (0.4, 0.5)),
    (root, root_by_parts, (1.1, 2.0)),
    (spin, spin_by_parts, (0.7, 0.4)),
    (spectrum, spectrum_by_parts, (0.8, -0.6)),
    (chosen, chosen_by_parts, (1.3, 0.2)),
    (chosen, chosen_by_parts, (0.3, 0.2)),
    (through_a_class, through_a_class_by_parts, (0.8, 1.7)),
    (characteristic, characteristic_by_parts, (1.4, 0.9)),
]
IDS = [f"{f.__name__}{args}" for f, _, args in PROGRAMS]


@pytest.mark.parametrize(("f", "by_parts", "args"), PROGRAMS, ids=IDS)
def test_programs_against_their_parts(f, by_parts, args):
    places = tuple(range(len(args)))
    value, found = value_and_grad(f, argnums=places)(*args)
    assert value == pytest.approx(by_parts(*args), rel=1e-12) == f(*args)
    expected = []
    for place in places:
        ahead, behind = list(args), list(args)
        ahead[place] += 1e-6
        behind[place] -= 1e-6
        expected.append((by_parts(*ahead) - by_parts(*behind)) / 2e-6)
    assert found == pytest.approx(tuple(expected), rel=1e-6, abs=1e-7)
    tangents = tuple(0.5 - place for place in places)
    along = jvp(f, args, tangents)[1]
    assert along == pytest.approx(np.dot(found, tangents), rel=1e-10, abs=1e-12)
    assert vjp(f)(*args)[1](2.0) == pytest.approx(tuple(2 * np.array(found)), rel=1e-10)
    if by_parts is not root_by_parts:
        assert found == pytest.approx(grad(by_parts, argnums=places)(*args), rel=1e-10, abs=1e-12)
        expected = np.array(hessian(by_parts, argnums=places)(*args))
        second = np.array(hessian(f, argnums=places)(*args))
        assert second == pytest.approx(expected, rel=1e-8, abs=1e-9)


# Complex arguments ----------------------------------------------------------------------------


def steepest(f, args, place):
    """What the convention says: df/dx + i df/dy, by differences."""

    def moved(step):
        changed = list(args)
        changed[place] += step
        return f(*changed)

    h = 1e-6
    along = (moved(h) - moved(-h)) / (2 * h)
    if not isinstance(args[place], complex):
        return along
    return complex(along, (moved(1j * h) - moved(-1j * h)) / (2 * h))


def pole(z, w):
    return abs(cmath.exp(z) / (z - w)) ** 2


def julia(z, c, turns=9):
    for _ in range(turns):
        if abs(z) > 3:
            break
        z = z * z + c
    return abs(z)


def gain_of_complex(x, z):
    return (z * x).imag + abs(z.conjugate() + x) + x * z.real


def conjugated(z):
    if z.imag > 0:
        z = z.conjugate()
    return (z**3).imag


ARGUMENTS = [
    (pole, (0.3 + 0.8j, -1.2 + 0.1j)),
    (julia, (0.2 + 0.1j, -0.4 + 0.3j)),
    (julia, (0.9 + 0.7j, 0.4 + 0.3j)),
    (gain_of_complex, (1.7, 0.3 - 2j)),
    (conjugated, (0.3 + 0.8j,)),
    (conjugated, (0.3 - 0.8j,)),
]


@pytest.mark.parametrize(("f", "args"), ARGUMENTS)
def test_the_gradient_of_a_complex_argument_is_the_direction_of_steepest_ascent(f, args):
    places = tuple(range(len(args)))
    value, found = value_and_grad(f, argnums=places)(*args)
    assert value == f(*args)
    for place, gradient in enumerate(found):
        assert type(gradient) is type(args[place])
        assert gradient == pytest.approx(steepest(f, args, place), rel=1e-6, abs=1e-7)
    assert vjp(f)(*args)[1](0.5) == pytest.approx(tuple(0.5 * g for g in found), rel=1e-12)
    tangents = tuple((0.4 - 0.9j) if isinstance(a, complex) else 0.7 for a in args)
    product = sum((complex(g).conjugate() * t).real for g, t in zip(found, tangents, strict=True))
    assert jvp(f, args, tangents)[1] == pytest.approx(product, rel=1e-10)


def test_of_a_holomorphic_function_it_is_the_conjugate_of_the_derivative():
    z = 0.4 + 0.7j
    assert grad(lambda z: (z**3).real)(z) == pytest.approx((3 * z**2).conjugate())
    assert grad(lambda z: abs(z) ** 2)(z) == pytest.approx(2 * z)
    assert grad(lambda z: z.real)(z) == 1
    assert grad(lambda z: z.imag)(z) == 1j


def test_a_step_against_it_descends():
    z = 2 + 1j
    for _ in range(60):
        z -= 0.05 * grad(lambda z: abs(z * z - 1j) ** 2)(z)
    assert z * z == pytest.approx(1j, abs=1e-6)


def test_complex_numbers_in_tuples_dicts_and_objects():
    class Load:
        def __init__(self, z, k):
            self.z = z
            self.k = k

    found = grad(lambda load: abs(load.z) * load.k)(Load(3 + 4j, 2.0))
    assert vars(found) == {"z": pytest.approx(1.2 + 1.6j), "k": 5.0}
    assert grad(lambda p: abs(p[0] * p[1]))((3 + 4j, 2.0)) == pytest.approx((1.2 + 1.6j, 5.0))
    found = grad(lambda d: abs(d["z"] * d["k"]))({"z": 3 + 4j, "k": 2.0})
    assert found == {"z": pytest.approx(1.2 + 1.6j), "k": 5.0}
    assert grad(lambda *zs: abs(zs[0] * zs[1]), argnums=1)(2j, 3 + 4j) == pytest.approx(1.2 + 1.6j)


def test_one_function_for_real_and_for_complex_numbers():
    derivative = grad(lambda z: abs(z * z + 1))
    assert derivative(2.0) == 4.0
    assert derivative(2 + 0j) == 4 + 0j
    assert derivative(2j) == pytest.approx(4j)
    assert derivative(2.0) == 4.0
    assert type(derivative(np.complex128(2j))) is np.complex128
    with refused("complex64"):
        derivative(np.complex64(2j))


def test_second_order_of_complex_arguments():
    slope = grad(lambda z: abs(z * z + 1))
    z = 0.3 + 0.8j

    def steepness(z):
        return abs(slope(z)) ** 2

    assert grad(steepness)(z) == pytest.approx(8 * z)  # it is 4 |z|^2
    assert grad(lambda x: slope(x + 2j).real)(1.5) == pytest.approx(1.7466634932408533)
    with refused("complex number, not one real number"):
        grad(slope)(z)


def test_the_text_takes_a_complex_number_apart_and_puts_its_gradient_together():
    derivative = grad(lambda z: (z * z).real)
    derivative(1 + 1j)
    body = derivative.source.split("\n", 1)[1].strip()
    assert "z_re_bar = 2.0 * z.real" in body
    assert "z_im_bar = -2.0 * z.imag" in body
    assert body.endswith("return complex(z_re_bar, z_im_bar)")


def test_a_complex_tangent_of_a_real_number_is_refused():
    with refused("tangent of the number x is a complex"):
        jvp(lambda x: x * x, (2.0,), (1j,))


# On a branch cut ------------------------------------------------------------------------------


CUTS = [
    lambda x: cmath.sqrt(-x).imag,
    lambda x: cmath.sqrt(-x).real,
    lambda x: cmath.sqrt((1j * x) ** 2).imag,
    lambda x: cmath.sqrt(1j * x * 1j).imag,
    lambda x: cmath.sqrt(-1j * x * 1j).imag,
    lambda x: cmath.sqrt(complex(x, -0.0)).imag,
    lambda x: cmath.sqrt(complex(x, 0.0).conjugate()).imag,
    lambda x: cmath.sqrt((x + 0j) / (-2 + 0j)).imag,
    lambda x: cmath.sqrt(-(x + 0j)).imag,
    lambda x: cmath.sqrt(2 * (x - 0j) * (1 + 0j)).imag,
    lambda x: x * cmath.phase(1j * (x * 1j)),
    lambda x: x * cmath.log(-1j * x * 1j).imag,
    lambda x: ((1j * x * 1j) ** 0.5).imag,
    lambda x: x * np.angle((x * 1j) ** 2),
]


@pytest.mark.parametrize("f", CUTS, ids=range(len(CUTS)))
def test_the_sign_of_a_zero_says_which_side_of_the_cut_is_meant(f):
    for x in (1.7, -1.7):
        expected = (f(x + 1e-6) - f(x - 1e-6)) / 2e-6
        assert grad(f)(x) == pytest.approx(expected, rel=1e-6, abs=1e-7)
        assert jvp(f, (x,), (1.0,)) == pytest.approx((f(x), expected), rel=1e-6, abs=1e-7)


# Refused ----------------------------------------------------------------------------------------


def test_the_result_must_be_real():
    with refused("complex number, not one real number"):
        grad(lambda x: x * 1j)(1.0)
    with refused("complex number, not one real number"):
        jvp(lambda x: x + 0j, (1.0,), (1.0,))


def as_truth(x):
    zs = []
    for k in range(3):
        zs.append((k - 1) * x * 1j)
    return sum(x for k in range(3) if zs[k])


def as_equal(x):
    zs = []
    for k in range(3):
        zs.append(complex(x, k - 1))
    return x * (zs[1] == x)


def filled(x):
    zs = [0j] * 3
    for k in range(3):
        zs[k] = cmath.exp(1j * k * x)
    return abs(zs[1])


def chosen_by_the_run(x):
    zs = [complex(x, 0), 2j, 3j]
    total = 0
    for k in range(3):
        if zs[k] == x:
            total += x
    return total


@pytest.mark.parametrize("f", [as_truth, as_equal, filled, chosen_by_the_run])
def test_lists_that_only_the_run_knows_hold_no_complex_numbers(f):
    with refused("complex number cannot be used as a whole"):
        grad(f)(1.3)


def test_lists_and_tuples_that_are_known_hold_complex_numbers():
    def f(x):
        total = 0
        for z in (x + 1j, 2j, 1 - 1j * x):
            total += z * z
        held = [x + 1j, x + 2j]
        return total.imag + abs(held[0] * held[1]) + x * (x + 0j in [x, 2])

    assert grad(f)(1.3) == pytest.approx((f(1.3 + 1e-6) - f(1.3 - 1e-6)) / 2e-6, rel=1e-8)


def test_a_complex_number_is_no_sequence():
    with refused("complex"):
        grad(lambda x: max(x + 1j))(1.0)


def class_in_a_loop(x):
    z = x
    for _ in range(2):
        z = z * 2 if isinstance(z, complex) else z * 1j
    return abs(z)


def class_behind_a_loop(x):
    z = 1
    for _ in range(int(x) - 1):
        z = z * 1j
    return x if isinstance(z, complex) else 2 * x


def class_behind_a_branch(x):
    z = x if x > 1 else 1j
    return 2 * x if isinstance(z, complex) else x


def class_in_a_pattern(x):
    z = x if x > 1 else 1j
    match z:
        case complex():
            return 2 * x
    return x


def root_behind_a_branch(x):
    z = x if x > 1 else 1j
    return (z**0.5).real + ((-z) ** 0.5).imag


MIXED = [
    class_in_a_loop,
    class_behind_a_loop,
    class_behind_a_branch,
    class_in_a_pattern,
    root_behind_a_branch,
]


@pytest.mark.parametrize("f", MIXED, ids=lambda f: f.__name__)
def test_a_number_that_is_complex_on_one_path_only_is_not_told_apart(f):
    with refused("real on one path and complex on another"):
        grad(f)(1.3)


def test_complex_numbers_have_no_order():
    with refused("comparison of complex numbers"):
        grad(lambda x: x if x * 1j > 0 else 2 * x)(1.0)


def test_what_has_no_formula_is_refused():
    with refused("cmath.asin"):
        grad(lambda x: cmath.asin(x).real)(0.3)
    with refused("not defined on complex numbers"):
        grad(lambda x: ((1j * x) % 2).real)(0.3)


def test_a_power_that_leaves_the_reals_does_not_meet_complex_numbers():
    def f(x):
        return abs(cmath.exp((-x) ** 0.5))

    with refused("power of what may be negative"):
        grad(f)(1.3)
    assert grad(lambda x: abs(1j * abs(x) ** 0.5))(4.0) == pytest.approx(0.25)


def test_a_number_outside_that_becomes_complex_is_seen():
    global GAIN
    GAIN = 2.0
    derivative = grad(lambda x: abs(GAIN * x))
    assert derivative(3.0) == 2.0
    GAIN = 3 + 4j
    assert derivative(3.0) == pytest.approx(5.0)


GAIN = 2.0


def test_integers_and_truth_values_beside_complex_numbers():
    def f(x):
        total = 0
        for k in range(3):
            total += (k + 1j) * x * True
        return total.real + 10 * total.imag

    assert grad(f)(0.5) == pytest.approx(33.0)


# Text -------------------------------------------------------------------------------------------


def test_the_output_reads_as_the_two_real_recurrences():
    derivative = grad(escape, argnums=(0, 1))
    derivative(-0.4, 0.3)
    assert "complex" not in derivative.source
    assert "z_re" in derivative.source and "z_im" in derivative.source
