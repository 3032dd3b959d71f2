"""Formulas of physics, finance, chemistry, geometry and statistics: mostly straight lines."""

import math
from math import cos, exp, pi, sin, sqrt

from tests.corpus.program import Program

GRAVITY = 9.80665
GAS_CONSTANT = 8.314462618
KELVIN_AT_ZERO_CELSIUS = 273.15
LOG_TWO_PI = math.log(2 * math.pi)


# Finance. ---------------------------------------------------------------------------------


def norm_cdf(x):
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def black_scholes(spot, strike, maturity, rate, volatility):
    """Price of a European call (Black and Scholes 1973)."""
    root = math.sqrt(maturity)
    d1 = (math.log(spot / strike) + (rate + volatility**2 / 2) * maturity) / (volatility * root)
    d2 = d1 - volatility * root
    return spot * norm_cdf(d1) - strike * math.exp(-rate * maturity) * norm_cdf(d2)


def annuity(payment, rate, years):
    growth = (1 + rate) ** -years
    return payment * (1 - growth) / rate


def compound(principal: float, rate: float, years: int, per_year: int = 12) -> float:
    return principal * (1 + rate / per_year) ** (years * per_year)


def income_tax(income):
    if income <= 10_000:
        tax = 0
    elif income <= 40_000:
        tax = 0.2 * (income - 10_000)
    else:
        tax = 6_000 + 0.4 * (income - 40_000)
    return income - tax


# Physics. ---------------------------------------------------------------------------------


def pendulum_energy(theta, omega, length=1.2, mass=0.5):
    kinetic = 0.5 * mass * (length * omega) ** 2
    potential = mass * GRAVITY * length * (1 - math.cos(theta))
    return kinetic + potential


def projectile_range(speed, angle_in_degrees, height):
    angle = math.radians(angle_in_degrees)
    vx, vy = speed * cos(angle), speed * sin(angle)
    flight = (vy + sqrt(vy**2 + 2 * GRAVITY * height)) / GRAVITY
    return vx * flight


def lorentz_factor(v, c=299.792458):
    beta = v / c
    return 1 / math.sqrt(1 - beta * beta)


def lennard_jones(r, epsilon, sigma):
    s6 = (sigma / r) ** 6
    return 4 * epsilon * (s6 * s6 - s6)


def planck(frequency, temperature):
    x = frequency / temperature
    return frequency**3 / math.expm1(x)


def lens(focal, distance, radius):
    image = 1 / (1 / focal - 1 / distance)
    magnification = -image / distance
    return magnification * radius + image


def damped_oscillation(t, amplitude, decay, frequency, phase):
    return amplitude * math.exp(-decay * t) * math.cos(2 * math.pi * frequency * t + phase)


def relativistic_doppler(source, velocity):
    beta = velocity / 299.792458
    return source * math.sqrt((1 + beta) / (1 - beta))


def parallel_resistance(a, b, c):
    return 1 / (1 / a + 1 / b + 1 / c)


def reynolds_friction(velocity, diameter, viscosity):
    """Laminar, or Blasius' law for a smooth turbulent pipe."""
    reynolds = velocity * diameter / viscosity
    if reynolds < 2300:
        return 64 / reynolds
    return 0.3164 / reynolds**0.25


def rc_charge(voltage, resistance, capacitance, time):
    tau = resistance * capacitance
    return voltage * -math.expm1(-time / tau)


# Chemistry. -------------------------------------------------------------------------------


def arrhenius(temperature, activation, prefactor):
    return prefactor * math.exp(-activation / (GAS_CONSTANT * temperature))


def henderson_hasselbalch(acid, base, pka):
    return pka + math.log10(base / acid)


def michaelis_menten(substrate, vmax, km, inhibitor, ki):
    apparent = km * (1 + inhibitor / ki)
    return vmax * substrate / (apparent + substrate)


def hill(ligand, half, coefficient):
    return ligand**coefficient / (half**coefficient + ligand**coefficient)


def van_der_waals(volume, temperature, amount, a, b):
    repulsion = amount * GAS_CONSTANT * temperature / (volume - amount * b)
    return repulsion - a * (amount / volume) ** 2


def antoine(celsius):
    a, b, c = 8.07131, 1730.63, 233.426
    return 10 ** (a - b / (c + celsius))


# Geometry. --------------------------------------------------------------------------------


def heron(a, b, c):
    s = (a + b + c) / 2
    return math.sqrt(s * (s - a) * (s - b) * (s - c))


def great_circle(lat1, lon1, lat2, lon2):
    """Haversine distance in kilometres."""
    lat1, lon1, lat2, lon2 = (
        math.radians(lat1),
        math.radians(lon1),
        math.radians(lat2),
        math.radians(lon2),
    )
    h = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(h))


def spherical_to_x(r, theta, phi):
    return r * math.sin(theta) * math.cos(phi) + math.atan2(r, theta)


def cone_surface(radius, height):
    slant = math.hypot(radius, height)
    return pi * radius * (radius + slant)


def distance_in_space(x, y, z):
    return math.dist((x, y, z), (1.0, -2.0, 0.5)) + math.hypot(x, y, z)


def angle_between(ax, ay, bx, by):
    dot = ax * bx + ay * by
    return math.acos(dot / (math.hypot(ax, ay) * math.hypot(bx, by)))


def bezier(t, p0, p1, p2, p3):
    u = 1 - t
    return u**3 * p0 + 3 * u**2 * t * p1 + 3 * u * t**2 * p2 + t**3 * p3


# Statistics. ------------------------------------------------------------------------------


def normal_log_density(x, mu, sigma):
    z = (x - mu) / sigma
    return -0.5 * z * z - math.log(sigma) - 0.5 * LOG_TWO_PI


def gamma_log_density(x, shape, rate):
    return shape * math.log(rate) + (shape - 1) * math.log(x) - rate * x - math.lgamma(shape)


def student_log_density(x, nu):
    norm = math.lgamma((nu + 1) / 2) - math.lgamma(nu / 2) - 0.5 * math.log(nu * math.pi)
    return norm - (nu + 1) / 2 * math.log1p(x**2 / nu)


def beta_function(a, b):
    return math.gamma(a) * math.gamma(b) / math.gamma(a + b)


def poisson_log_mass(rate, count):
    return count * math.log(rate) - rate - math.lgamma(count + 1)


def skew_normal(x, alpha):
    density = exp(-(x**2) / 2) / sqrt(2 * pi)
    return 2 * density * 0.5 * math.erfc(-alpha * x / sqrt(2))


def log_odds(p):
    return math.log(p) - math.log1p(-p)


def binary_entropy(p):
    q = 1 - p
    return -(p * math.log2(p) + q * math.log2(q))


# Activation functions. --------------------------------------------------------------------


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def softplus(x):
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def gelu(x):
    return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def swish(x, beta=1.5):
    return x / (1 + math.exp(-beta * x))


def elu(x, alpha):
    return x if x > 0 else alpha * (math.exp(x) - 1)


def leaky_relu(x, slope=0.01):
    return max(slope * x, x)


def all_of_hyperbolic(x):
    y = math.sinh(x) / math.cosh(x) + math.tanh(x / 2)
    return y + math.asinh(x) + math.acosh(2 + x * x) + math.atanh(x / 10)


def all_of_the_rest(x):
    """Functions of math that the other programs do not use."""
    y = math.cbrt(x) + math.exp2(x / 3) + math.tan(x / 4) + math.atan(x)
    y += math.fabs(x) + math.copysign(x, -1.0) + math.fmod(x, 1.5) + math.pow(x, 2.5)
    y += math.degrees(x) / 100 + math.acos(x / 10) + math.ldexp(x, 2) + math.log(x, 3)
    return y + math.floor(x) * math.ceil(x) + math.trunc(x) + math.erf(x) * math.remainder(x, 1.0)


# Units. -----------------------------------------------------------------------------------


def fahrenheit_to_kelvin(fahrenheit: float) -> float:
    celsius = (fahrenheit - 32) * 5 / 9
    return celsius + KELVIN_AT_ZERO_CELSIUS


def fuel_economy(miles_per_gallon):
    litres_per_gallon = 3.785411784
    kilometres_per_mile = 1.609344
    return 100 * litres_per_gallon / (miles_per_gallon * kilometres_per_mile)


def decibel(power, reference=1.0):
    return 10 * math.log10(power / reference)


PROGRAMS = [
    Program(norm_cdf, [(0.3,), (-1.7,)]),
    Program(
        black_scholes,
        [(100.0, 95.0, 0.5, 0.03, 0.25), (80.0, 110.0, 2.0, 0.01, 0.4)],
        (0, 1, 2, 3, 4),
    ),
    Program(annuity, [(100.0, 0.05, 10.0), (20.0, 0.01, 3)], (0, 1)),
    Program(compound, [(1000.0, 0.03, 5), (1000.0, 0.03, 5, 4)], (0, 1)),
    Program(income_tax, [(8_000.0,), (25_000.0,), (70_000.0,), (8_000,)]),
    Program(pendulum_energy, [(0.4, 1.3), (0.4, 1.3, 2.0), (2.9, -0.5, 0.7, 1.1)], (0, 1)),
    Program(projectile_range, [(20.0, 35.0, 1.5), (5.0, 80.0, 10.0)], (0, 1, 2)),
    Program(lorentz_factor, [(150.0,), (0.5, 1.0)]),
    Program(lennard_jones, [(1.2, 0.8, 1.0), (2.5, 1.3, 0.9)], (0, 1, 2)),
    Program(planck, [(2.0, 1.5), (0.3, 4.0)], (0, 1)),
    Program(lens, [(0.5, 2.0, 0.1)], (0, 1, 2)),
    Program(damped_oscillation, [(0.7, 2.0, 0.3, 1.1, 0.4)], (0, 1, 2, 3, 4)),
    Program(relativistic_doppler, [(440.0, 30.0), (440.0, -120.0)], (0, 1)),
    Program(parallel_resistance, [(10.0, 22.0, 4.7)], (0, 1, 2)),
    Program(reynolds_friction, [(0.1, 0.01, 1e-3), (1.0, 5.0, 1e-3)], (0, 1, 2)),
    Program(rc_charge, [(5.0, 2.0, 0.3, 0.4)], (0, 1, 2, 3)),
    Program(arrhenius, [(310.0, 5000.0, 40.0)], (0, 1, 2)),
    Program(henderson_hasselbalch, [(0.2, 0.35, 4.76)], (0, 1, 2)),
    Program(michaelis_menten, [(3.0, 10.0, 1.5, 0.4, 0.9)], (0, 1, 2, 3, 4)),
    Program(hill, [(1.4, 0.9, 2.8), (0.2, 0.9, 1.5)], (0, 1, 2)),
    Program(van_der_waals, [(0.9, 3.0, 1.1, 0.4, 0.05)], (0, 1, 2, 3, 4)),
    Program(antoine, [(25.0,), (99.0,)]),
    Program(heron, [(3.0, 4.0, 5.5)], (0, 1, 2)),
    Program(great_circle, [(52.5, 13.4, 48.9, 2.4)], (0, 1, 2, 3)),
    Program(spherical_to_x, [(1.5, 0.7, 2.1)], (0, 1, 2)),
    Program(cone_surface, [(1.1, 2.3)], (0, 1)),
    Program(distance_in_space, [(0.4, 1.7, -2.2)], (0, 1, 2)),
    Program(angle_between, [(1.0, 0.5, -0.3, 2.0)], (0, 1, 2, 3)),
    Program(bezier, [(0.3, 1.0, 2.0, -1.0, 0.5)], (0, 1, 2, 3, 4)),
    Program(normal_log_density, [(0.7, 0.2, 1.3)], (0, 1, 2)),
    Program(gamma_log_density, [(1.4, 2.5, 0.8)], (0, 1, 2)),
    Program(student_log_density, [(0.9, 4.5)], (0, 1)),
    Program(beta_function, [(1.7, 2.3)], (0, 1)),
    Program(poisson_log_mass, [(3.3, 4), (0.7, 0)], (0,)),
    Program(skew_normal, [(0.6, 2.0), (-0.8, 1.2)], (0, 1)),
    Program(log_odds, [(0.3,), (0.9,)]),
    Program(binary_entropy, [(0.2,), (0.7,)]),
    Program(sigmoid, [(0.7,), (-3.0,)]),
    Program(softplus, [(1.3,), (-0.8,), (30.0,)]),
    Program(gelu, [(0.8,), (-1.4,)]),
    Program(swish, [(0.8,), (-1.4, 0.3)]),
    Program(elu, [(0.8, 1.1), (-0.4, 0.9)], (0, 1)),
    Program(leaky_relu, [(0.8,), (-1.4,), (-1.4, 0.2)]),
    Program(all_of_hyperbolic, [(0.8,), (-1.3,)]),
    Program(all_of_the_rest, [(0.8,), (2.3,)]),
    Program(fahrenheit_to_kelvin, [(70.0,), (451,)]),
    Program(fuel_economy, [(35.0,)]),
    Program(decibel, [(3.0,), (0.2, 0.5)]),
]
