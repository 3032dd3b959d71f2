"""Functions of mathematical physics by recurrence and series, against published values."""

import math

from tests.corpus.loops.registry import Published, program

EULER = 0.5772156649015329


@program(
    [(1.0, 0), (2.5, 3)],
    argnums=0,
    published=(
        Published(
            (1.0, 0),
            5e-11,
            "A&S table 9.1 and DLMF 10.6.3: J0' = -J1, J0'' = J1 / x - J0",
            0.7651976866,
            (-0.4400505857,),
            -0.3251471008,
        ),
    ),
)
def bessel_series(x, n):
    term = (x / 2) ** n / math.factorial(n)
    total = term
    k = 1
    while abs(term) > 1e-18:
        term *= -(x * x / 4) / (k * (k + n))
        total += term
        k += 1
    return total


@program(
    [(2.0, 4), (1.0, 2)],
    argnums=0,
    published=(Published((1.0, 2), 5e-11, "A&S table 9.1", 0.1149034849, (0.2102436159,)),),
)
def bessel_by_miller(x, n):
    """Downward recurrence, normalised by J0 + 2 J2 + 2 J4 + … = 1."""
    upper, here = 0.0, 1e-30
    wanted = norm = 0.0
    for k in range(24, 0, -1):
        upper, here = here, 2 * k / x * here - upper
        if k - 1 == n:
            wanted = here
        if (k - 1) % 2 == 0:
            norm += here if k == 1 else 2 * here
    return wanted / norm


@program(
    [(0.6, 4), (-0.3, 1), (0.2, 0)],
    argnums=0,
    published=(
        # P4(x) = (35 x⁴ - 30 x² + 3) / 8
        Published((0.6, 4), 5e-13, "DLMF 18.5", -0.408, (-0.72,), 11.4),
    ),
)
def legendre(x, n):
    if n == 0:
        return 1.0 + 0 * x
    before, here = 1.0, x
    for k in range(1, n):
        before, here = here, ((2 * k + 1) * x * here - k * before) / (k + 1)
    return here


@program(
    [(0.5,), (3.7,), (0.3,)],
    published=(
        Published(
            (0.5,), 5e-12, "DLMF 5.4.6 and 5.4.13", math.sqrt(math.pi), (-3.480230906913262,)
        ),
        Published((5.0,), 5e-9, "4!, and psi(5) = 25/12 - euler", 24.0, (24 * (25 / 12 - EULER),)),
    ),
)
def gamma_by_lanczos(x):
    """g = 7, n = 9, the coefficients of Godfrey."""
    numbers = (
        0.99999999999980993,
        676.5203681218851,
        -1259.1392167224028,
        771.32342877765313,
        -176.61502916214059,
        12.507343278686905,
        -0.13857109526572012,
        9.9843695780195716e-6,
        1.5056327351493116e-7,
    )
    if x < 0.5:
        return math.pi / (math.sin(math.pi * x) * gamma_by_lanczos_above(1 - x, numbers))
    return gamma_by_lanczos_above(x, numbers)


def gamma_by_lanczos_above(x, numbers):
    x -= 1
    a = numbers[0]
    t = x + 7.5
    for i in range(1, 9):
        a += numbers[i] / (x + i)
    return math.sqrt(2 * math.pi) * t ** (x + 0.5) * math.exp(-t) * a


@program(
    [(1.0,), (2.3,)],
    published=(
        Published(
            (1.0,), 5e-10, "psi(1) = -euler, psi'(1) = pi²/6, DLMF 5.4", -EULER, (math.pi**2 / 6,)
        ),
    ),
)
def digamma(x):
    """Up by recurrence, then the asymptotic series."""
    value = 0.0
    while x < 8:
        value -= 1 / x
        x += 1
    y = 1 / (x * x)
    tail = 0.0
    for c in (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132)[::-1]:
        tail = (tail + c) * y
    return value + math.log(x) - 0.5 / x - tail


@program(
    [(2.0,), (3.5,)],
    published=(
        Published(
            (2.0,), 5e-10, "DLMF 25.6.1; zeta'(2), OEIS A073002", math.pi**2 / 6, (-0.9375482543,)
        ),
        Published((3.0,), 5e-10, "Apéry, OEIS A002117; zeta'(3)", 1.2020569032, (-0.1981262429,)),
    ),
)
def zeta(s):
    """Euler and Maclaurin's sum."""
    n = 12
    total = 0.0
    for k in range(1, n):
        total += k**-s
    total += n ** (1 - s) / (s - 1) + 0.5 * n**-s
    factor = s * n ** (-s - 1)
    for j, b in enumerate((1 / 12, -1 / 720, 1 / 30240, -1 / 1209600), start=1):
        total += b * factor
        factor *= (s + 2 * j - 1) * (s + 2 * j) / n**2
    return total


@program(
    [(0.5,), (1.3,)],
    published=(
        Published((0.5,), 5e-11, "A&S table 7.1", 0.5204998778, (0.8787825789,), -0.8787825789),
    ),
)
def error_function(x):
    term = x
    total = x
    n = 0
    while abs(term) > 1e-17:
        n += 1
        term = -term * x * x / n
        total += term / (2 * n + 1)
    return 2 / math.sqrt(math.pi) * total


@program(
    [(1.0,), (2.5,)],
    published=(
        Published(
            (1.0,), 5e-11, "A&S table 5.1; E1' = -exp(-x) / x", 0.2193839344, (-math.exp(-1),)
        ),
    ),
)
def exponential_integral(x):
    """A series where it is quick, a fraction where that is."""
    if x <= 1.5:
        total, term, k = -EULER - math.log(x), -1.0, 0
        while abs(term) > 1e-17:
            k += 1
            term *= -x / k
            total += term / k
        return total
    f = x
    for k in range(120, 0, -1):
        f = x + k / (1 + k / f)
    return math.exp(-x) / f


@program(
    [(0.5,), (0.1,), (0.9,)],
    published=(
        Published(
            (0.5,),
            5e-9,
            "A&S table 17.1; dK/dm = (E - (1-m) K) / (2 m (1-m)), E = 1.35064388",
            1.85407468,
            (2 * (1.35064388105 - 0.5 * 1.85407467730),),
        ),
    ),
)
def elliptic_k(m):
    a, b = 1.0, math.sqrt(1 - m)
    for _ in range(8):
        if abs(a - b) < 1e-16:
            break
        a, b = 0.5 * (a + b), math.sqrt(a * b)
    return math.pi / (2 * a)


@program(
    [(0.5,), (0.1,)],
    published=(
        Published((0.5,), 5e-9, "A&S table 17.1; dE/dm = (E - K) / 2m", 1.35064388, (-0.50343080,)),
    ),
)
def elliptic_e(m):
    a, b, c = 1.0, math.sqrt(1 - m), math.sqrt(m)
    total, weight = 0.5 * c * c, 0.5
    while c > 1e-12:
        a, b, c = (a + b) / 2, math.sqrt(a * b), (a - b) / 2
        weight *= 2
        total += weight * c * c
    return math.pi / (2 * a) * (1 - total)


@program(
    [(0.5,), (-0.8,)],
    published=(
        Published(
            (0.5,), 5e-10, "pi²/12 - log²2 / 2, DLMF 25.12", 0.5822405265, (2 * math.log(2),)
        ),
    ),
)
def dilogarithm(x):
    total = 0.0
    power = 1.0
    for k in range(1, 400):
        power *= x
        term = power / k**2
        total += term
        if abs(term) < 1e-17:
            break
    return total


@program(
    [(1.0,), (-0.7,)],
    published=(
        Published(
            (1.0,),
            5e-11,
            "A&S table 10.11; Ai'' = x Ai",
            0.1352924163,
            (-0.1591474413,),
            0.1352924163,
        ),
    ),
)
def airy(x):
    f = ft = 1.0
    g = gt = x
    cube = x**3
    for k in range(1, 30):
        ft *= cube / ((3 * k - 1) * (3 * k))
        gt *= cube / ((3 * k) * (3 * k + 1))
        f, g = f + ft, g + gt
    return 0.355028053887817239 * f - 0.258819403792806798 * g


@program(
    [(1.0,), (3.0,)],
    published=(
        Published((1.0,), 5e-11, "A&S table 5.1; Si' = sin x / x", 0.9460830704, (math.sin(1.0),)),
    ),
)
def sine_integral(x):
    term, total = x, x
    k = 0
    while True:
        k += 1
        term *= -x * x / ((2 * k) * (2 * k + 1))
        new = total + term / (2 * k + 1)
        if new == total:
            return total
        total = new


@program([(2.0, 1.5), (0.5, 0.3)], argnums=1)
def incomplete_gamma(a, x):
    """The regularised lower incomplete gamma function by its series; its slope is a density."""
    term = total = 1 / a
    n = a
    while abs(term) > abs(total) * 1e-16:
        n += 1
        term *= x / n
        total += term
    return total * math.exp(-x + a * math.log(x) - math.lgamma(a))


@program([(0.5, 1.3, 2.2, 0.4)], argnums=(0, 1, 2, 3))
def hypergeometric(a, b, c, z):
    term = total = 1.0
    for n in range(80):
        term *= (a + n) * (b + n) / (c + n) * z / (n + 1)
        total += term
        if abs(term) < 1e-18:
            break
    return total


@program([(1.5, 3), (-0.4, 5)], argnums=0)
def hermite_wave(x, n):
    """A normalised state of the harmonic oscillator."""
    h0, h1 = math.pi**-0.25 * math.exp(-x * x / 2), 0.0
    for k in range(n):
        h0, h1 = math.sqrt(2 / (k + 1)) * x * h0 - math.sqrt(k / (k + 1)) * h1, h0
    return h0
