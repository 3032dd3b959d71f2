"""Programs of the whole corpus against closed forms, published figures and other algorithms."""

import cmath
import itertools
import math
import statistics

import pytest

from tests.corpus.whole import (
    classes,
    closures,
    control,
    dynamic,
    exceptions,
    finance,
    hard,
    inherit,
    learning,
    linear,
    loops,
    mutation,
    odes,
    probability,
    quadrature,
    records,
    recursion,
    science,
)

SYMMETRIC = [[4.0, 0.6, -0.3], [0.6, 3.0, 0.5], [-0.3, 0.5, 5.0]]
SQUARE = [[0.5, 2.0, -1.0], [4.0, 1.0, 0.3], [1.0, -3.0, 2.5]]


def approx(value, rel=1e-12):
    return pytest.approx(value, rel=rel, abs=1e-14)


def copied(matrix):
    return [row[:] for row in matrix]


def determinant(m):
    """By the sum over all permutations."""
    total = 0.0
    for order in itertools.permutations(range(len(m))):
        inversions = sum(a > b for a, b in itertools.combinations(order, 2))
        total += (-1) ** inversions * math.prod(m[i][j] for i, j in enumerate(order))
    return total


# Loops. -------------------------------------------------------------------------------------


def test_roots():
    assert loops.newton_sqrt(150.0) == approx(math.sqrt(150.0))
    x = loops.newton_with_limit(3.0, 1.0)
    assert x + math.exp(x) == approx(3.0)
    x = loops.bisection_polished(1.7, 2.0)
    assert 1.7 * x + x**3 == approx(2.0)
    assert loops.bisection(1.7, 0.0, 3.0) == pytest.approx(1.7 ** (1 / 3), abs=1e-9)
    x = loops.secant(0.8, 0.0, 1.0)
    assert math.cos(x) == approx(0.8 * x)
    assert hard.damped_newton(7.5) == pytest.approx(math.sqrt(7.5), rel=1e-9)
    # The omega constant, and W at its own inverse.
    assert loops.lambert_w(1.0) == approx(0.5671432904097838)
    assert loops.lambert_w(2.5 * math.exp(2.5)) == approx(2.5)
    x = loops.fixed_point(1.1)
    assert x == approx(math.exp(-1.1 * x))


@pytest.mark.parametrize(("m", "e"), [(0.3, 0.9), (1.0, 0.1), (-2.0, 0.5)])
def test_kepler(m, e):
    anomaly = loops.kepler(m, e)
    assert anomaly - e * math.sin(anomaly) == approx(m)


def test_agm_of_gauss():
    assert loops.agm(24.0, 6.0) == approx(13.458171481725615)
    assert 1 / loops.agm(1.0, math.sqrt(2)) == approx(0.8346268416740731)


def test_series_and_fractions():
    assert loops.tangent_fraction(0.5, 12) == approx(math.tan(0.5))
    # x/(b + x/(b + 1 + ...)) is a ratio of Bessel functions; at b = 1/2 it is elementary.
    assert 2 * loops.lentz(0.25, 0.5) == approx(math.tanh(1.0))
    assert loops.exp_by_series(-2.5) == approx(math.exp(-2.5), rel=1e-10)
    assert loops.aitken(0.6, 8) == pytest.approx(math.log(1.6), abs=1e-5)
    assert loops.bessel_j(0, 1.0) == approx(0.7651976865579666)
    assert loops.bessel_j(1, 7.0) == approx(-0.004682823482345833, rel=1e-10)


def test_polynomials():
    c, x = [1.0, -0.5, 2.0, 0.25], 1.3
    assert loops.horner(c, x) == approx(x**3 - 0.5 * x**2 + 2 * x + 0.25)
    assert loops.legendre(0.5, 4) == approx(-0.2890625)
    expected = sum(ck * math.cos(k * math.acos(0.3)) for k, ck in enumerate(c))
    assert loops.clenshaw(c, 0.3) == approx(expected)
    a, b, c, x = 0.5, -1.0, 2.0, 1.3
    p = lambda t: a + b * t + c * t * t
    q = lambda t: 3 * p(t) * (b + t) - (b + 2 * c * t)
    slope = lambda t: 3 * ((b + 2 * c * t) * (b + t) + p(t)) - 2 * c
    expected = 1.5 + a * q(x) + slope(0.5 * x)
    assert classes.polynomial_algebra(a, b, c, x) == approx(expected)


def test_banana_valley_has_its_floor_at_ones():
    assert loops.rosenbrock([1.0] * 5) == 0.0


# Linear algebra. ----------------------------------------------------------------------------


def test_determinants():
    expected = determinant(SQUARE)
    assert linear.lu_determinant(SQUARE) == approx(expected)
    assert recursion.laplace_determinant(SQUARE) == approx(expected)
    assert hard.log_det_by_cholesky(copied(SYMMETRIC)) == approx(math.log(determinant(SYMMETRIC)))


def test_solvers_agree_with_cramer():
    b = [1.0, 2.0, 3.0]
    x = []
    for column in range(3):
        m = copied(SYMMETRIC)
        for row, value in zip(m, b, strict=True):
            row[column] = value
        x.append(determinant(m) / determinant(SYMMETRIC))
    assert linear.gauss_seidel(SYMMETRIC, b) == approx(sum(x))
    weighted = sum((i + 1) * v for i, v in enumerate(x))
    assert linear.solve_with_pivoting(copied(SYMMETRIC), b[:]) == approx(weighted)
    norm = math.hypot(*x)
    assert linear.jacobi_iteration(SYMMETRIC, b, 40) == approx(norm)
    assert linear.conjugate_gradient(SYMMETRIC, b) == approx(
        sum(u * v for u, v in zip(x, b, strict=True))
    )


def test_eigenvalues():
    top = linear.power_iteration(SYMMETRIC, 300)
    shifted = [[v - top * (i == j) for j, v in enumerate(r)] for i, r in enumerate(SYMMETRIC)]
    assert determinant(shifted) == pytest.approx(0.0, abs=1e-10)
    expected = 2.5 + math.sqrt(1.5**2 + 0.5**2)
    assert linear.rotation_eigenvalue(4.0, 0.5, 1.0) == approx(expected)


def test_gaussian_density_of_independent_values():
    cov = [[0.25, 0.0], [0.0, 4.0]]
    normals = statistics.NormalDist(0, 0.5), statistics.NormalDist(0, 2.0)
    expected = math.log(normals[0].pdf(0.3)) + math.log(normals[1].pdf(-1.0))
    assert linear.gaussian_log_density(cov, [0.3, -1.0]) == approx(expected)


def test_spline_meets_its_knots_and_keeps_lines():
    xs, ys = [0.0, 1.0, 2.5, 3.0], [1.0, 0.3, -0.5, 0.8]
    for x, y in zip(xs, ys, strict=True):
        assert linear.natural_spline(xs, ys, x) == approx(y)
    line = [2 - 0.5 * x for x in xs]
    assert linear.natural_spline(xs, line, 1.7) == approx(2 - 0.5 * 1.7)


def test_orthonormal_columns():
    basis, lengths = linear.gram_schmidt(copied(SQUARE))
    for i, p in enumerate(basis):
        for j, q in enumerate(basis):
            product = sum(a * b for a, b in zip(p, q, strict=True))
            assert product == pytest.approx(float(i == j), abs=1e-12)
    assert math.prod(lengths) == approx(abs(determinant(SQUARE)))


def test_levinson_on_a_first_order_process():
    # Only the first coefficient, -rho, is not zero; what is left of the variance is 1 - rho**2.
    rho = 0.6
    expected = 1 - rho**2 + 0.1 * (1 - rho)
    assert linear.levinson([rho**k for k in range(5)]) == approx(expected)


def test_matrix_power():
    assert linear.matrix_power_trace([[1.0, 1.0], [1.0, 0.0]], 10) == 123.0  # Lucas


# Integrals and motion. ----------------------------------------------------------------------


def test_integrals():
    expected = (math.sin(2.8) - math.sin(0.4)) / 2
    assert quadrature.gauss_legendre(0.2, 1.4, 2.0, 8) == approx(expected)
    expected = (1 - math.exp(-1.7) * 2.7) / 1.7**2
    assert quadrature.romberg(0.0, 1.0, 1.7, 5) == pytest.approx(expected, rel=1e-9)
    expected = math.sqrt(math.pi / 1.5) / 2 * math.erf(2 * math.sqrt(1.5))
    assert recursion.adaptive_simpson(0.0, 2.0, 1.5) == pytest.approx(expected, rel=1e-9)
    expected = math.gamma(2.5) ** 2 / math.gamma(5.0)
    assert quadrature.tanh_sinh(2.5, 0.125) == pytest.approx(expected, rel=1e-10)
    expected = math.log((1 + math.exp(-0.0)) / (1 + math.exp(-2.0)))
    assert quadrature.simpson_weights(0.0, 2.0, 1.0, 40) == pytest.approx(expected, rel=1e-7)
    expected = math.pi / 4 * (1 - math.exp(-0.49))
    assert quadrature.double_integral(0.7, 60) == pytest.approx(expected, rel=1e-3)


def test_motion():
    assert odes.euler_decay(1.0, 0.7, 0.1, 20) == approx(0.93**20)
    start = 0.5 * 2.5
    assert odes.verlet_spring(1.0, 0.0, 2.5, 0.01, 500) == pytest.approx(start, rel=1e-4)
    assert odes.kepler_orbit(1.0, 0.0, 0.0, 1.0, 1.0, 60) == pytest.approx(-0.5, rel=1e-2)
    # Without drag: v**2 sin(2 angle) / g.
    expected = 30.0**2 * math.sin(1.6) / 9.81
    assert odes.cannon_range(30.0, 0.8, 0.0) == pytest.approx(expected, rel=1e-2)
    # y' = -k y**3 has the solution y0 / sqrt(1 + 2 k t y0**2).
    assert odes.implicit_euler(1.0, 50.0, 1e-3, 100) == pytest.approx(
        1 / math.sqrt(1 + 2 * 50 * 0.1), rel=1e-2
    )


def test_attitude_without_rates_is_the_given_angle():
    assert science.quaternion_attitude(0.3, []) == approx(0.3)


# Finance. -----------------------------------------------------------------------------------


def test_black_scholes_as_published():
    # Hull, Options, Futures, and Other Derivatives: 4.76.
    assert finance.black_scholes(42.0, 40.0, 0.1, 0.2, 0.5) == pytest.approx(4.76, abs=0.005)
    price = finance.black_scholes(100.0, 95.0, 0.03, 0.27, 0.5)
    assert finance.implied_volatility(price, 100.0, 95.0, 0.03, 0.5) == approx(0.27)


def test_trees_tend_to_the_formula():
    expected = finance.black_scholes(100.0, 97.0, 0.03, 0.2, 1.0)
    assert finance.binomial_call(100.0, 97.0, 0.03, 0.2, 1.0, 200) == pytest.approx(
        expected, abs=0.02
    )
    expected = finance.black_scholes(100.0, 98.5, 0.02, 0.3, 0.75)
    assert finance.trinomial_call(100.0, 98.5, 0.02, 0.3, 100) == pytest.approx(expected, abs=0.03)
    call = finance.binomial_call(100.0, 104.0, 0.05, 0.25, 1.0, 50)
    european_put = call - 100.0 + 104.0 * math.exp(-0.05)
    assert finance.american_put(100.0, 104.0, 0.05, 0.25, 50) > european_put


def test_bonds_and_loans():
    assert finance.bond_yield(100.0, [4.0, 4.0, 104.0]) == approx(0.04)
    y = finance.bond_yield(96.0, [4.0, 4.0, 104.0])
    assert sum(c / (1 + y) ** t for t, c in ((1, 4.0), (2, 4.0), (3, 104.0))) == approx(96.0)
    # A flat par curve discounts at its own rate.
    d = 1 / 1.03
    assert finance.bootstrap_curve([0.03] * 3, 1.0) == approx(d + d**2 + 2 * d**3)
    assert finance.max_drawdown([100.0, 110.0, 95.0, 105.0, 90.0]) == approx(2 / 11)


# Probability. -------------------------------------------------------------------------------


def test_kalman_likelihood_is_that_of_the_joint_normal():
    ys, q, r = [1.0, 1.2, 0.7, 1.1], 0.1, 0.4
    cov = [[1 + q * (min(i, j) + 1) + r * (i == j) for j in range(4)] for i in range(4)]
    assert probability.kalman_level(ys, q, r) == approx(linear.gaussian_log_density(cov, ys))


def test_hidden_states_by_enumeration():
    start, trans = [0.6, 0.4], [[0.7, 0.3], [0.2, 0.8]]
    emit, seen = [[0.5, 0.4, 0.1], [0.1, 0.3, 0.6]], [0, 1, 2, 2, 0]
    paths = []
    for path in itertools.product(range(2), repeat=len(seen)):
        p = start[path[0]] * math.prod(emit[s][o] for s, o in zip(path, seen, strict=True))
        paths.append(p * math.prod(trans[a][b] for a, b in itertools.pairwise(path)))
    assert probability.hmm_forward(start, trans, emit, seen) == approx(math.log(sum(paths)))
    soft = probability.soft_viterbi(start, trans, emit, seen, 1.0)
    assert soft == approx(math.log(sum(paths)))
    cold = probability.soft_viterbi(start, trans, emit, seen, 1e-3)
    assert cold == pytest.approx(math.log(max(paths)), abs=1e-2)


def test_statistics():
    xs, ys = [1.0, 2.0, 4.0, 3.5], [0.1, 0.9, 2.3, 1.8]
    assert probability.welford(xs) == approx(statistics.mean(xs) / statistics.stdev(xs))
    slope, intercept = statistics.linear_regression(xs, ys)
    assert probability.line_fit(xs, ys)[:2] == approx((intercept, slope))
    assert probability.quantile(xs, 0.5) == approx(statistics.median(xs))
    assert learning.cross_entropy([0.0, 0.0], 1) == approx(math.log(2) + 0.5)


# Recursion, tables, graphs. -----------------------------------------------------------------


def test_fft_is_the_discrete_transform():
    xs = [1.0, 0.5, -0.3, 2.0, 0.1, 0.0, 0.7, -1.0]
    for k, (re, im) in enumerate(recursion.fft([(x, 0.0) for x in xs])):
        expected = sum(x * cmath.exp(-2j * math.pi * j * k / 8) for j, x in enumerate(xs))
        assert (re, im) == approx((expected.real, expected.imag))


def test_recursion():
    assert recursion.power(1.3, 10) == approx(1.3**10)
    assert recursion.power(2.0, -3) == 0.125
    tree = ("+", ("*", "x", "x"), ("sin", ("*", 2.0, "x")))
    assert recursion.evaluate(tree, 0.7) == approx(0.49 + math.sin(1.4))
    assert len(recursion.hanoi(0.8, 3)["c"]) == 3
    assert recursion.hanoi(0.8, 1)["c"] == [0.99 * 0.8]


def test_tables_and_graphs():
    distance = dynamic.soft_edit_distance("kitten", "sitting", 1.0, 1.0, 1e-3)
    assert distance == pytest.approx(3.0, abs=0.01)
    roads = {"a": {"b": 1.0, "c": 4.0}, "b": {"c": 2.0, "d": 6.0}, "c": {"d": 1.5}, "d": {}}
    assert dynamic.shortest_path(roads, "a", "d") == 4.5
    assert dynamic.all_pairs([[0.0, 3.0, 9.0], [2.0, 0.0, 4.0], [1.0, 7.5, 0.0]]) == 21.0
    # The textbook example of matrix chains: 15125 products.
    assert dynamic.chain_cost([30.0, 35.0, 15.0, 5.0, 10.0, 20.0, 25.0]) == 15125.0
    assert dynamic.knapsack([3, 4, 2], [4.0, 5.5, 2.5], 6) == 8.0
    assert control.collatz(27)[1:] == (112, 9232)


# Objects, records, science. -----------------------------------------------------------------


def test_objects():
    assert inherit.total_mass(1.0, 1.0, 2.0) == approx(math.pi + 5.0 + 0.5 * math.pi)

    def iterated(x):
        for _ in range(3):
            x = x * math.sin(x) + 0.3
        return x

    slope = (iterated(0.7 + 1e-6) - iterated(0.7 - 1e-6)) / 2e-6
    assert inherit.dual_numbers(0.7, 3) == pytest.approx(slope + iterated(0.7), rel=1e-8)


def test_aliases_as_python_has_them():
    # Three names for one row: it takes 1, 2 and 3 on top of x, and counts three times.
    x = 1.5
    first = x + 1 + 2 + 3
    second = x * ((x + 1) + (x + 3) + (x + 6))
    assert mutation.rows_that_are_one(x, 3) == approx(3 * first * second + x)
    # Late binding: all three see k = 3.
    x, y = 0.5, 1.2
    expected = 3 * (3 * x) + (y + y**2 + y**3) + x * y * y
    assert closures.late_binding(x, y) == approx(expected)
    assert exceptions.safe_ratio(1.0, 0.0) == 10.0


def test_earth_and_sky():
    # Flinders Peak to Buninyong, the example of Geoscience Australia: 54 972.271 m.
    flinders = -(37 + 57 / 60 + 3.72030 / 3600), 144 + 25 / 60 + 29.52440 / 3600
    buninyong = -(37 + 39 / 60 + 10.15610 / 3600), 143 + 55 / 60 + 35.38390 / 3600
    assert science.vincenty(*flinders, *buninyong) == pytest.approx(54.972271, abs=1e-6)
    # At perihelion and aphelion.
    assert science.orbit_height(0.0, 0.3) == approx(0.7)
    assert science.orbit_height(365.25 / 2, 0.3) == pytest.approx(1.3, rel=1e-9)


def test_chemistry_and_engineering():
    assert records.molar_mass({"H": 1.008, "O": 15.999}, "H2O1") == approx(18.015)
    h = 10 ** -science.weak_acid_ph(0.1, 1.8e-5)
    assert h * h / (0.1 - h) == pytest.approx(1.8e-5, rel=1e-6)
    f = science.friction_factor(1e5, 0.05, 1e-4)
    root = 1 / math.sqrt(f)
    assert root == approx(-2 * math.log10(1e-4 / 0.05 / 3.7 + 2.51 * root / 1e5))
    v = science.van_der_waals_volume(3.0, 350.0) / 1e3
    assert (3e6 + 0.3640 / v**2) * (v - 4.267e-5) == approx(8.314462618 * 350.0)
