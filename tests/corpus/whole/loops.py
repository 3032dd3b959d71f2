"""Iterations on numbers: roots, fixed points, fractions, series, with every way out of a loop."""

import math

from tests.corpus.whole.registry import program


@program(
    lambda: [([1.0, -0.5, 2.0, 0.25], 1.3), ([3.0], 2.0), ([], 0.5)],
    argnums=(0, 1),
    kinks=lambda: [([1.0, 0.0, -2.0], 0.0)],
)
def horner(coefficients, x):
    """A polynomial, highest coefficient first."""
    total = 0.0
    for c in coefficients:
        total = total * x + c
    return total


@program(lambda: [(2.0,), (1.0,), (150.0,)])
def newton_sqrt(a: float) -> float:
    """Heron's method until it stops moving."""
    x = a
    while abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x


@program(lambda: [(3.0, 1.0), (20.0, 2.5)], argnums=0, raising=lambda: [(3.0, 1e6)])
def newton_with_limit(a, x0):
    """The root of x + exp(x) = a; while/else complains where the loop is not left."""
    x = x0
    turns = 0
    while turns < 25:
        step = (x + math.exp(min(x, 50.0)) - a) / (1 + math.exp(min(x, 50.0)))
        x -= step
        if abs(step) < 1e-13 * max(1.0, abs(x)):
            break
        turns += 1
    else:
        raise ArithmeticError(f"no convergence from {x0}")
    return x


@program(kinks=lambda: [(1.7, 0.0, 3.0), (8.0, 0.0, 4.0)], argnums=(0, 1, 2))
def bisection(a, low, high, tolerance=1e-9):
    """Halving an interval around the cube root of a: the result moves in jumps."""
    while high - low > tolerance:
        middle = 0.5 * (low + high)
        value = middle**3 - a
        if value == 0:
            return middle
        if value > 0:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)


@program(lambda: [(1.7, 2.0), (0.4, 1.0)], argnums=(0, 1))
def bisection_polished(a, b):
    """Halving for a good start, then Newton, which carries the derivative."""
    lo, hi = 0.0, 10.0
    for _ in range(30):
        mid = (lo + hi) / 2
        if a * mid + mid**3 < b:
            lo = mid
        else:
            hi = mid
    x = (lo + hi) / 2
    for _ in range(2):
        x = x - (a * x + x**3 - b) / (a + 3 * x**2)
    return x


@program(lambda: [(0.8, 0.0, 1.0), (0.5, 0.2, 0.9)], argnums=0)
def secant(k, x0, x1):
    """The root of cos(x) = k x by the secant rule."""
    f0 = math.cos(x0) - k * x0
    f1 = math.cos(x1) - k * x1
    while abs(f1) > 1e-14 and f1 != f0:
        x0, x1 = x1, x1 - f1 * (x1 - x0) / (f1 - f0)
        f0, f1 = f1, math.cos(x1) - k * x1
    return x1


@program(lambda: [(0.5, 12), (-1.5, 20), (2.0, 1), (0.7, 0)])
def tangent_fraction(x, depth):
    """tan x as Lambert's continued fraction, from the innermost term outwards."""
    tail = 0.0
    for k in range(depth, 0, -1):
        tail = x * x / (2 * k + 1 - tail)
    return x / (1 - tail)


@program(lambda: [(0.5, 2.5), (2.0, 1.2), (1e-9, 0.3)], argnums=(0, 1))
def lentz(x, b):
    """x/(b + x/(b + 1 + x/(b + 2 + ...))) by the modified Lentz rule."""
    f = c = b
    d = 0.0
    j = 1
    while True:
        d = 1.0 / (b + j + x * d)
        c = b + j + x / c
        delta = c * d
        f *= delta
        if abs(delta - 1.0) < 1e-15 or j > 60:
            break
        j += 1
    return x / f


@program(lambda: [(1.0, 2.0), (24.0, 6.0)], argnums=(0, 1), kinks=lambda: [(3.0, 3.0)])
def agm(a, g):
    """The arithmetic-geometric mean; at a == g the loop makes no turn."""
    while abs(a - g) > 1e-15 * a:
        a, g = (a + g) / 2, math.sqrt(a * g)
    return a


@program(lambda: [(0.3, 0.9), (1.0, 0.1), (-2.0, 0.5), (3.0, 0.0)], argnums=(0, 1))
def kepler(mean_anomaly: float, eccentricity: float) -> float:
    """The eccentric anomaly E of M = E - e sin E."""
    E = mean_anomaly if eccentricity < 0.8 else math.copysign(math.pi, mean_anomaly)
    for _ in range(50):
        error = E - eccentricity * math.sin(E) - mean_anomaly
        E -= error / (1 - eccentricity * math.cos(E))
        if abs(error) < 1e-14:
            break
    return E


@program(lambda: [(0.4,), (1.1,)], raising=lambda: [(4.0,)])
def fixed_point(c):
    """x = exp(-c x) by plain iteration; for/else is the failure."""
    x = 0.5
    for k in range(400):
        previous, x = x, math.exp(-c * x)
        if abs(x - previous) < 1e-15:
            break
    else:
        raise RuntimeError("did not settle")
    return x


@program(lambda: [(0.6, 8), (2.2, 5)], kinks=lambda: [(0.0, 3)])
def aitken(x, n):
    """Partial sums of log(1 + x), accelerated where the second difference allows it."""
    sums = []
    s = 0.0
    for k in range(1, n + 3):
        s += (-1) ** (k + 1) * x**k / k
        sums.append(s)
    best = sums[-1]
    for i in range(len(sums) - 2):
        d2 = sums[i + 2] - 2 * sums[i + 1] + sums[i]
        if abs(d2) < 1e-14:
            continue
        best = sums[i] - (sums[i + 1] - sums[i]) ** 2 / d2
    return best


@program(lambda: [(1.0,), (-2.5,), (30.0,)])
def exp_by_series(x):
    """exp by its series after halving the argument, squared back."""
    halvings = 0
    while abs(x) > 0.5:
        x /= 2
        halvings += 1
    term = total = 1.0
    n = 1
    while abs(term) > 1e-18:
        term *= x / n
        total += term
        n += 1
    for _ in range(halvings):
        total *= total
    return total


@program(lambda: [(0, 1.0), (0, 2.5), (1, 7.0)], argnums=1)
def bessel_j(n, x):
    """J_n by its power series."""
    half = x / 2
    term = half**n / math.factorial(n)
    total = term
    k = 1
    while abs(term) > 1e-17 * max(1.0, abs(total)):
        term *= -(half * half) / (k * (k + n))
        total += term
        k += 1
    return total


@program(lambda: [(0.5, 4), (-0.3, 1), (0.9, 0), (1.4, 7)])
def legendre(x, n):
    """P_n by Bonnet's recurrence with simultaneous assignment."""
    if n == 0:
        return 1.0
    p, q = 1.0, x
    for k in range(2, n + 1):
        p, q = q, ((2 * k - 1) * x * q - (k - 1) * p) / k
    return q


@program(lambda: [([0.5, -1.0, 0.25, 2.0], 0.3), ([1.5], -0.2), ([0.1, 0.2], 1.0)], argnums=(0, 1))
def clenshaw(c, x):
    """A Chebyshev sum, walked backwards by index."""
    b1 = b2 = 0.0
    k = len(c) - 1
    while k >= 1:
        b1, b2 = 2 * x * b1 - b2 + c[k], b1
        k -= 1
    return x * b1 - b2 + c[0]


@program(lambda: [(0.3, 27), (1.1, 1), (0.7, 6)])
def collatz_weighted(x, n):
    """An inactive loop of unknown length steers what happens to x."""
    w = x
    while n != 1:
        if n % 2 == 0:
            n //= 2
            w = w * 0.98 + 0.01
        else:
            n = 3 * n + 1
            w = math.sin(w) + 0.1 * x
    return w


@program(lambda: [(0.5, 0.5), (0.1, 0.2), (2.5, 2.0)], argnums=(0, 1))
def escape_time(cr, ci):
    """An orbit of z*z + c and a smooth measure of how soon it leaves."""
    zr = zi = 0.0
    for k in range(40):
        zr, zi = zr * zr - zi * zi + cr, 2 * zr * zi + ci
        r2 = zr * zr + zi * zi
        if r2 > 1e4:
            return k + 1 - math.log(math.log(r2) / 2) / math.log(2)
    return -math.sqrt(zr * zr + zi * zi)


@program(lambda: [(3.0,), (0.5,), (10.0,), (-0.2,)], raising=lambda: [(-1.0,)])
def lambert_w(z):
    """The principal branch of w exp(w) = z by Halley's rule."""
    if z < -1 / math.e:
        raise ValueError("no real branch")
    w = math.log(z) - math.log(math.log(z)) if z > math.e else z / (1 + z)
    while True:
        ew = math.exp(w)
        f = w * ew - z
        step = f / (ew * (w + 1) - (w + 2) * f / (2 * w + 2))
        w -= step
        if abs(step) <= 1e-12 * (1 + abs(w)):
            return w


@program(lambda: [([0.3, -0.2, 0.8, 1.1],), ([1.5, 1.0],), ([0.4],)])
def rosenbrock(x):
    """The banana valley in any number of dimensions."""
    total = 0.0
    for i in range(len(x) - 1):
        total += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return total


@program(lambda: [(0.7, 1.3), (-2.0, 0.4)], argnums=(0, 1))
def rebound(x, y):
    """The same name three times over."""
    x = x * y
    x = math.sin(x) + x
    return x * y


@program(lambda: [(0.3, 0.5, 50), (0.1, 5.0, 4), (0.3, 0.5, 0)], argnums=0)
def escape_total(c, limit, n):
    """A break whose last, partial turn adds nothing."""
    z = 0.0
    total = 0.0
    for _ in range(n):
        z = z * z + c
        if z > limit:
            break
        total += z
    return total * c
