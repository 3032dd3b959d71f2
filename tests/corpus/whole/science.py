# ruff: noqa: B905
"""Formulas from the field: earth, sky, chemistry, optics, engineering."""

import math
from dataclasses import dataclass

from tests.corpus.whole.registry import program

EARTH = {"a": 6378.137, "f": 1 / 298.257223563}
R_GAS = 8.314462618


@program(
    lambda: [(48.1, 11.6, 52.5, 13.4), (-33.9, 151.2, 51.5, -0.1)],
    argnums=(0, 1, 2, 3),
    kinks=lambda: [(10.0, 20.0, 10.0, 20.0)],
)
def vincenty(lat1, lon1, lat2, lon2):
    """The geodesic on the ellipsoid by iteration, in kilometres."""
    a, f = EARTH["a"], EARTH["f"]
    b = (1 - f) * a
    U1 = math.atan((1 - f) * math.tan(math.radians(lat1)))
    U2 = math.atan((1 - f) * math.tan(math.radians(lat2)))
    L = math.radians(lon2 - lon1)
    s1, c1, s2, c2 = math.sin(U1), math.cos(U1), math.sin(U2), math.cos(U2)
    lam = L
    for _ in range(100):
        sl, cl = math.sin(lam), math.cos(lam)
        sin_s = math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl)
        if sin_s == 0:
            return 0.0
        cos_s = s1 * s2 + c1 * c2 * cl
        sigma = math.atan2(sin_s, cos_s)
        sin_a = c1 * c2 * sl / sin_s
        cos2a = 1 - sin_a**2
        cos_2m = cos_s - 2 * s1 * s2 / cos2a if cos2a else 0.0
        C = f / 16 * cos2a * (4 + f * (4 - 3 * cos2a))
        inner = cos_2m + C * cos_s * (2 * cos_2m**2 - 1)
        lam, before = L + (1 - C) * f * sin_a * (sigma + C * sin_s * inner), lam
        if abs(lam - before) < 1e-14:
            break
    u2 = cos2a * (a * a - b * b) / (b * b)
    A = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)))
    B = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)))
    tail = cos_s * (2 * cos_2m**2 - 1)
    tail -= B / 6 * cos_2m * (4 * sin_s**2 - 3) * (4 * cos_2m**2 - 3)
    return b * A * (sigma - B * sin_s * (cos_2m + B / 4 * tail))


@program(lambda: [(1.1, 0.3), (5.0, 0.9)], argnums=(0, 1))
def orbit_height(days: float, eccentricity: float) -> float:
    """The distance from the sun after some days, in units of the half axis."""
    M = 2 * math.pi * days / 365.25
    E = M
    for _ in range(12):
        E = (
            M + eccentricity * math.sin(E)
            if eccentricity < 0.5
            else E - (E - eccentricity * math.sin(E) - M) / (1 - eccentricity * math.cos(E))
        )
    nu = 2 * math.atan2(
        math.sqrt(1 + eccentricity) * math.sin(E / 2), math.sqrt(1 - eccentricity) * math.cos(E / 2)
    )
    return (1 - eccentricity**2) / (1 + eccentricity * math.cos(nu))


@program(lambda: [(0.1, 1.8e-5), (1e-3, 1e-4)], argnums=(0, 1))
def weak_acid_ph(concentration, ka, kw=1e-14):
    """The pH of a weak acid: Newton on the charge balance, in the logarithm."""
    ph = 3.0
    for _ in range(60):
        h = 10**-ph
        balance = h - kw / h - concentration * ka / (ka + h)
        slope = -math.log(10) * h * (1 + kw / h**2 + concentration * ka / (ka + h) ** 2)
        step = balance / slope
        ph -= max(-1.0, min(1.0, step))
        if abs(step) < 1e-13:
            break
    return ph


@program(lambda: [([2.0, 1.0], [0.5, 0.1], 0.01, 30), ([2.0], [0.5], 0.01, 0)], argnums=(0, 1))
def decay_chain(amounts, rates, dt, steps):
    """Each substance decays into the next; activity of the chain at the end."""
    for _ in range(steps):
        carried = 0.0
        for i, rate in enumerate(rates):
            lost = rate * amounts[i] * dt
            amounts[i] += carried - lost
            carried = lost
    return sum(r * n for r, n in zip(rates, amounts))


@dataclass
class Surface:
    radius: float
    gap: float
    index: float


def _doublet():
    return [Surface(60.0, 5.0, 1.517), Surface(-45.0, 2.0, 1.649), Surface(-200.0, 0.0, 1.0)]


@program(lambda: [(_doublet(), 5.0), (_doublet()[:1], 2.0)], argnums=(0, 1))
def back_focus(surfaces, height):
    """A real ray through a lens, surface by surface, to where it meets the axis."""
    n, angle, z = 1.0, 0.0, 0.0
    for s in surfaces:
        beta = math.asin(height / s.radius) - angle
        refracted = math.asin(n / s.index * math.sin(beta))
        angle += beta - refracted
        n = s.index
        height = height - s.gap * math.tan(angle)
    return height / math.tan(angle)


@program(lambda: [(3.0, 350.0), (5.0, 300.0)], argnums=(0, 1), raising=lambda: [(-1.0, 300.0)])
def van_der_waals_volume(pressure_mpa, temperature):
    """The molar volume of CO2, by Newton from the ideal gas."""
    if pressure_mpa <= 0:
        raise ValueError("pressure must be positive")
    a, b = 0.3640, 4.267e-5
    p = pressure_mpa * 1e6
    v = R_GAS * temperature / p
    for _ in range(50):
        f = (p + a / v**2) * (v - b) - R_GAS * temperature
        df = p + a / v**2 - 2 * a * (v - b) / v**3
        v_new = v - f / df
        if abs(v_new - v) < 1e-15 * v:
            break
        v = v_new
    return v * 1e3


@program(lambda: [(1.7, [0.1, -0.4, 0.9]), (1.7, [])], argnums=(0, 1))
def energy(k, xs):
    """A sum that needs nothing kept."""
    total = 0.0
    for x in xs:
        total += 0.5 * k * x * x
    return total


@program(lambda: [([0.3, -2.5, 4.0], 1.2), ([], 1.2)], argnums=(0, 1), kinks=lambda: [([1.2], 1.2)])
def huber_loss(residuals, delta):
    """The mean of a helper with an early return."""

    def huber(x):
        if abs(x) <= delta:
            return 0.5 * x * x
        return delta * (abs(x) - 0.5 * delta)

    return sum(huber(r) for r in residuals) / max(len(residuals), 1)


@program(lambda: [(1e5, 0.05, 1e-4), (1500.0, 0.05, 1e-4)], argnums=(0, 1, 2))
def friction_factor(reynolds, diameter, roughness):
    """Darcy's factor: laminar in closed form, else Colebrook by iteration."""
    if reynolds < 2300:
        return 64 / reynolds + 0.0 * diameter * roughness
    inv = 7.0
    for _ in range(60):
        inv = -2 * math.log10(roughness / diameter / 3.7 + 2.51 * inv / reynolds)
    return 1 / inv**2


@program(lambda: [(2.5, 1.0, 8), (0.5, 0.2, 8)], argnums=(0, 1))
def mean_field_spin(coupling, field, turns):
    """The self-consistent magnetisation, then the free energy that goes with it."""
    m = 0.5
    while turns:
        turns -= 1
        m = math.tanh(coupling * m + field)
    entropy = -sum(p * math.log(p) for p in ((1 + m) / 2, (1 - m) / 2))
    return -0.5 * coupling * m * m - field * m - entropy


@program(
    lambda: [([(0.0, 0.0, 1.0), (1.0, 0.5, -2.0)], 0.3, 0.7), ([], 0.3, 0.7)],
    argnums=(0, 1, 2),
    scalar=False,
)
def electric_field(charges, x, y):
    """Potential and field at a point, as a tuple of three."""
    v = ex = ey = 0.0
    for cx, cy, q in charges:
        dx, dy = x - cx, y - cy
        r = math.hypot(dx, dy)
        v += q / r
        ex += q * dx / r**3
        ey += q * dy / r**3
    return v, ex, ey


@program(lambda: [(0.3, [0.1, 0.25, 0.4]), (-0.2, [0.5])], argnums=(0, 1))
def quaternion_attitude(angle, rates):
    """Integrates turn rates in a unit quaternion, normalised on the way."""
    q = (math.cos(angle / 2), 0.0, 0.0, math.sin(angle / 2))
    for w in rates:
        a, b, c, d = q
        h = 0.5 * w
        q = a - h * b, b + h * a + h * d, c + h * d, d - h * c
        norm = math.sqrt(sum(v * v for v in q))
        q = tuple(v / norm for v in q)
    a, b, c, d = q
    return math.atan2(2 * (a * d + b * c), 1 - 2 * (c * c + d * d))
