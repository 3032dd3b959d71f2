"""Roots, fixed points and minima by iteration, with every way out of a loop."""

import math

from tests.corpus.loops.registry import Published, program


@program(
    [(2.0,), (0.3,), (150.0,)],
    published=(Published((2.0,), 5e-15, "1 / (2 sqrt 2)", 2**0.5, (8**-0.5,)),),
)
def newton_square_root(a):
    x = 1.0 if a < 1 else a
    for _ in range(60):
        nxt = (x + a / x) / 2
        if abs(nxt - x) < 1e-15 * x:
            x = nxt
            break
        x = nxt
    return x


@program([(5.0, 3), (0.7, 4)], argnums=0)
def nth_root(a, n, tol=1e-14):
    x = max(a, 1.0)
    step = 1.0
    while abs(step) > tol:
        step = (x**n - a) / (n * x ** (n - 1))
        x -= step
    return x


@program(
    [(2.0, 5.0), (1.0, 3.0)],
    argnums=(0, 1),
    published=(
        # x**3 - 2 x - 5 = 0, the equation at which Newton showed his method (1669).
        Published((2.0, 5.0), 5e-12, "Newton's cubic, OEIS A007493", 2.094551481542),
    ),
)
def newtons_cubic(p, q):
    """x**3 - p x - q = 0 by Newton's rule, with a flag and a limit."""
    x = 2.0
    converged = False
    turns = 0
    while not converged and turns < 50:
        f = x**3 - p * x - q
        df = 3 * x**2 - p
        new = x - f / df
        converged = abs(new - x) < 1e-14
        x = new
        turns += 1
    if not converged:
        raise RuntimeError("no convergence")
    return x


@program([(0.9,), (1.3,)])
def halley(a):
    x = 0.5
    for _ in range(8):
        f, df, ddf = math.exp(x) - 1 - a, math.exp(x), math.exp(x)
        x -= 2 * f * df / (2 * df * df - f * ddf)
    return x


@program([(0.8, 0.0, 1.0), (0.5, 0.2, 0.9)], argnums=0)
def secant_rule(k, x0, x1):
    def f(x):
        return math.cos(x) - k * x

    f0, f1 = f(x0), f(x1)
    while f1 != 0 and abs(x1 - x0) > 1e-13:
        x0, x1 = x1, x1 - f1 * (x1 - x0) / (f1 - f0)
        f0, f1 = f1, f(x1)
    return x1


@program([(2.0, 1.0), (0.4, 3.0)], argnums=(0, 1))
def bisected_then_polished(a, b):
    """Bisection moves in jumps; the last step of Newton carries the derivative."""

    def g(x):
        return a * x + math.sinh(x) - b

    low, high = -10.0, 10.0
    while high - low > 1e-3:
        middle = (low + high) / 2
        if g(middle) > 0:
            high = middle
        else:
            low = middle
    x = (low + high) / 2
    for _ in range(4):
        x -= g(x) / (a + math.cosh(x))
    return x


@program([(1.7, 1.0, 3.0)], argnums=(1, 2), isolated=True)
def plain_bisection(a, low, high):
    """Where no test is exact, the result is a fixed mixture of the first two ends."""
    for _ in range(12):
        middle = 0.5 * (low + high)
        if middle**3 > a:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)


@program([(1.2, 3.0), (1.2, 0.5)], argnums=(0, 1))
def illinois(a, p):
    """False position with halved ordinates."""
    xa, xb = 0.1, 3.0
    fa, fb = xa**p - a, xb**p - a
    side = 0
    x = xa
    for _ in range(60):
        x = (fa * xb - fb * xa) / (fa - fb)
        fx = x**p - a
        if abs(fx) < 1e-14:
            break
        if fx * fb > 0:
            xb, fb = x, fx
            if side == -1:
                fa /= 2
            side = -1
        else:
            xa, fa = x, fx
            if side == +1:
                fb /= 2
            side = +1
    return x


@program([(0.9,), (2.3,)])
def brent(c):
    """Brent's zeroin, as it is printed in textbooks, then one step of Newton."""

    def f(x):
        return x * x * x - x - c

    a, b = 0.0, 4.0
    fa, fb = f(a), f(b)
    if abs(fa) < abs(fb):
        a, b, fa, fb = b, a, fb, fa
    cc, fc = a, fa
    d = 0.0
    mflag = True
    while abs(b - a) > 1e-8 and fb != 0:
        if fa != fc and fb != fc:
            s = (
                a * fb * fc / ((fa - fb) * (fa - fc))
                + b * fa * fc / ((fb - fa) * (fb - fc))
                + cc * fa * fb / ((fc - fa) * (fc - fb))
            )
        else:
            s = b - fb * (b - a) / (fb - fa)
        low, high = min((3 * a + b) / 4, b), max((3 * a + b) / 4, b)
        far = abs(b - cc) if mflag else abs(cc - d)
        if not low < s < high or abs(s - b) >= far / 2:
            s = (a + b) / 2
            mflag = True
        else:
            mflag = False
        fs = f(s)
        d, cc, fc = cc, b, fb
        if fa * fs < 0:
            b, fb = s, fs
        else:
            a, fa = s, fs
        if abs(fa) < abs(fb):
            a, b, fa, fb = b, a, fb, fa
    return b - f(b) / (3 * b * b - 1)


@program([(0.7, 1.1), (1.9, 0.4)], argnums=(0, 1))
def golden_section(a, b):
    """The minimum of (x - a)**2 + b x**4: the place moves in jumps, the value smoothly."""

    def f(x):
        return (x - a) ** 2 + b * x**4

    ratio = (math.sqrt(5) - 1) / 2
    left, right = -3.0, 3.0
    x1, x2 = right - ratio * (right - left), left + ratio * (right - left)
    f1, f2 = f(x1), f(x2)
    while right - left > 1e-7:
        if f1 < f2:
            right, x2, f2 = x2, x1, f1
            x1 = right - ratio * (right - left)
            f1 = f(x1)
        else:
            left, x1, f1 = x1, x2, f2
            x2 = left + ratio * (right - left)
            f2 = f(x2)
    x = (left + right) / 2
    for _ in range(3):
        x -= (2 * (x - a) + 4 * b * x**3) / (2 + 12 * b * x**2)
    return f(x) + x


@program(
    [(math.radians(5.0), 0.1), (2.0, 0.6), (0.2, 0.9)],
    argnums=(0, 1),
    published=(
        Published(
            (math.radians(5.0), 0.1),
            5e-9,
            "Meeus, Astronomical Algorithms, example 30.a: E = 5.554589 degrees",
            math.radians(5.554589),
        ),
    ),
)
def kepler_equation(mean, e):
    """E - e sin E = M."""
    guess = mean if e < 0.8 else math.pi
    for _ in range(30):
        delta = (guess - e * math.sin(guess) - mean) / (1 - e * math.cos(guess))
        guess -= delta
        if abs(delta) <= 1e-14:
            break
    return guess


@program(
    [(1.0,), (0.4,), (30.0,)],
    published=(
        Published(
            (1.0,), 5e-11, "the omega constant, OEIS A030178", 0.56714329041, (0.36189625664,)
        ),
    ),
)
def lambert_w(z):
    w = math.log(1 + z)
    while True:
        e = math.exp(w)
        step = (w * e - z) / (e * (w + 1) - (w + 2) * (w * e - z) / (2 * w + 2))
        w -= step
        if abs(step) < 1e-14 * (1 + abs(w)):
            return w


@program(
    [(1.0,), (1.25,)],
    published=(Published((1.0,), 5e-11, "Dottie number, OEIS A003957", 0.73908513321),),
)
def fixed_point(k):
    """x = k cos x by repetition alone."""
    x, old, count = 0.5, None, 0
    while old is None or abs(x - old) > 1e-15:
        old = x
        x = k * math.cos(x)
        count += 1
        if count == 90:
            break
    return x


@program([(0.6,), (1.1,)])
def steffensen(k):
    def g(x):
        return math.exp(-k * x)

    p = 0.5
    for _ in range(20):
        p1 = g(p)
        p2 = g(p1)
        bottom = p2 - 2 * p1 + p
        if abs(bottom) < 1e-12:
            break
        p = p - (p1 - p) ** 2 / bottom
    return p


@program([(1.2, 0.4), (0.5, 2.0)], argnums=(0, 1))
def newton_in_two(a, b):
    """Two equations in two unknowns, by Cramer's rule in each turn."""
    x = y = 1.0
    for _ in range(12):
        f = x * x + a * y - 3
        g = b * x + y * y - 2
        fx, fy, gx, gy = 2 * x, a, b, 2 * y
        det = fx * gy - fy * gx
        x, y = x - (f * gy - g * fy) / det, y - (g * fx - f * gx) / det
    return x + 2 * y


@program([(0.3, 1.0), (0.05, -0.5)], argnums=(0, 1))
def backtracking_descent(rate, start):
    """Descent that halves its step until the value falls."""

    def loss(w):
        return (w * w - 2) ** 2 + 0.1 * w

    w = start
    for _ in range(6):
        slope = 4 * w * (w * w - 2) + 0.1
        t = rate
        while loss(w - t * slope) > loss(w) - 0.1 * t * slope * slope:
            t *= 0.5
        w -= t * slope
    return loss(w)
