"""Derivatives by lists of objects, called in functions that are differentiated."""

import copy
import math
from dataclasses import dataclass

import numpy as np
import pytest

from sourcediff import grad, hvp, jvp, value_and_grad
from tests.differences import difference


@dataclass
class Particle:
    x: float
    v: float


@dataclass
class System:
    particles: list


class Layer:
    def __init__(self, W, b):
        self.W = W
        self.b = b


class Net:
    def __init__(self, layers):
        self.layers = layers

    def loss(self, x):
        for layer in self.layers:
            x = np.tanh(layer.W @ x + layer.b)
        return np.sum(x**2)


def energy(s):
    e = 0.0
    for p in s.particles:
        e += 0.5 * p.v**2 * p.x + p.x**3
    return e


def penalty(s):
    g = grad(energy)(s)
    return sum(p.x * p.v for p in g.particles)


def symplectic(s):
    for _ in range(3):
        force = grad(energy)(s)
        for p, f in zip(s.particles, force.particles, strict=False):
            p.v -= 0.1 * f.x
            p.x += 0.1 * p.v
    return energy(s)


def made_inside(s):
    q = System([Particle(p.v, p.x) for p in s.particles])
    value, g = value_and_grad(energy)(q)
    return value * g.particles[0].x + g.particles[1].v


def longer_gradient(s):
    g = grad(energy)(s)
    g.particles.append(Particle(s.particles[0].x, 1.0))
    return sum(p.x**2 for p in g.particles)


def doubled(s):
    for p in s.particles:
        p.x = p.x * 2.0 * p.v
    s.particles.append(Particle(1.0, 2.0))
    return sum(p.x**2 for p in s.particles)


def after_a_change(s):
    """The derivative changes copies: what the objects hold is the same after it."""
    g = grad(doubled)(s)
    return sum(p.x * p.v for p in g.particles) + sum(p.x**3 for p in s.particles)


def floats_in(s):
    return [number for p in s.particles for number in (p.x, p.v)]


def moved(s, along, step):
    pairs = zip(s.particles, along.particles, strict=True)
    return System([Particle(p.x + step * d.x, p.v + step * d.v) for p, d in pairs])


PROGRAMS = [penalty, symplectic, made_inside, longer_gradient, after_a_change]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_derivatives_of_lists_of_objects_are_called_inside(program):
    s = System([Particle(1.0, 2.0), Particle(0.3, 0.4)])
    along = System([Particle(0.4, -1.1), Particle(0.7, 0.2)])
    derivative = grad(program)
    found = floats_in(derivative(copy.deepcopy(s)))
    assert not derivative.__sourcediff__.latest.is_general
    slope = sum(g * d for g, d in zip(found, floats_in(along), strict=True))
    expected = difference(lambda t: program(moved(s, along, t)), (0.0,), 0)
    assert math.isclose(expected.value, slope, rel_tol=1e-7)
    assert jvp(program, (copy.deepcopy(s),), (along,))[1] == pytest.approx(slope)
    (second,) = hvp(program, (copy.deepcopy(s),), (along,))
    for place, h in enumerate(floats_in(second)):

        def slope_at(t, place=place):
            return floats_in(derivative(moved(s, along, t)))[place]

        expected = difference(slope_at, (0.0,), 0)
        assert math.isclose(expected.value, h, rel_tol=1e-6, abs_tol=1e-6)


def loss(net, x):
    return net.loss(x)


def norm_of_gradient(net, x):
    g = grad(loss)(net, x)
    return sum(np.sum(layer.W**2) + np.sum(layer.b**2) for layer in g.layers)


def sharp(net, x):
    inner, outer = grad(loss, argnums=(0, 1))(net, x)
    return loss(net, x) + np.sum(outer**2) + np.sum(inner.layers[-1].b * outer)


@pytest.mark.parametrize("program", [norm_of_gradient, sharp], ids=lambda f: f.__name__)
def test_derivatives_of_networks_of_layers_are_called_inside(program):
    r = np.random.default_rng(0)
    ws = r.normal(size=(2, 2, 3))
    steps = r.normal(size=(2, 2, 3))
    x = r.normal(size=2)

    def net(t):
        return Net([Layer(w[:, :2], w[:, 2]) for w in ws + t * steps])

    derivative = grad(program)

    def along(t):
        g = derivative(net(t), x).layers
        pairs = zip(g, steps, strict=True)
        return sum(np.sum(a.W * d[:, :2]) + np.sum(a.b * d[:, 2]) for a, d in pairs)

    expected = difference(lambda t: program(net(t), x), (0.0,), 0)
    assert math.isclose(expected.value, along(0.0), rel_tol=1e-6)
    assert not derivative.__sourcediff__.latest.is_general
    direction = Net([Layer(d[:, :2], d[:, 2]) for d in steps])
    second, _ = hvp(program, (net(0.0), x), (direction, None))
    pairs = zip(second.layers, steps, strict=True)
    curvature = sum(np.sum(a.W * d[:, :2]) + np.sum(a.b * d[:, 2]) for a, d in pairs)
    expected = difference(along, (0.0,), 0)
    assert math.isclose(expected.value, curvature, rel_tol=1e-6)
