"""Loops on integers that decide what happens to numbers: sieves, digits, Euclid, Collatz."""

import math

from tests.corpus.loops.registry import program


@program([(0.9, 27), (1.1, 6), (0.5, 1), (0.01, 27)], argnums=0)
def collatz_weighted(x, n):
    weight, total = 1.0, 0.0
    while n != 1:
        weight *= x
        if n % 2:
            n = 3 * n + 1
            total += weight
        else:
            n //= 2
        if weight < 1e-12:
            break
    return total + weight


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


@program([(1.3, 12, 18), (0.4, 7, 5)], argnums=0)
def by_common_divisor(x, a, b):
    return x ** gcd(a, b) / a


@program([(0.7, 240, 46), (1.2, 3, 7)], argnums=0)
def euclid_steps(x, a, b):
    """The steps of the algorithm, weighted; the quotients are integers."""
    total = x
    while b != 0:
        q, r = divmod(a, b)
        total += q * math.sin(x * r)
        a, b = b, r
    return total


@program([(0.9, 20), (1.05, 3)], argnums=0)
def primes_weighted(x, limit):
    total = 0.0
    for n in range(2, limit + 1):
        for d in range(2, int(n**0.5) + 1):
            if n % d == 0:
                break
        else:
            total += x**n / n
    return total


@program([(0.3, 30), (0.8, 2)], argnums=0)
def sieve_sum(x, limit):
    prime = [True] * (limit + 1)
    total = 0.0
    for n in range(2, limit + 1):
        if not prime[n]:
            continue
        total += math.exp(-x * n)
        for multiple in range(n * n, limit + 1, n):
            prime[multiple] = False
    return total


@program([(0.5, 90210), (2.0, 7), (1.5, 0)], argnums=0)
def digit_polynomial(x, n):
    value, place = 0.0, 1.0
    while n > 0:
        n, digit = divmod(n, 10)
        value += digit * place
        place *= x
    return value


@program([(1.1, 13), (0.3, 8), (5.0, 0)], argnums=0)
def power_by_bits(x, n):
    result = 1.0
    while n:
        if n & 1:
            result *= x
        x *= x
        n >>= 1
    return result


@program([(0.8, 10), (1.2, 2)], argnums=0)
def fibonacci_series(x, n):
    a, b = 0, 1
    total = 0.0
    for k in range(n):
        total += a * x**k
        a, b = b, a + b
    return total


@program([(0.4, 6), (0.9, 1)], argnums=0)
def binomial_row(p, n):
    """Pascal's row by integers, a mean by numbers."""
    row = [1]
    for _ in range(n):
        row = [1] + [row[i] + row[i + 1] for i in range(len(row) - 1)] + [1]
    return sum(math.sqrt(1 + k) * c * p**k * (1 - p) ** (n - k) for k, c in enumerate(row))


@program([([0.1, 0.7, 0.2, 0.9], 5), ([0.3], 3)], argnums=0)
def pseudo_random_walk(steps, seed):
    """A generator of integers picks which number is used."""
    state, place = seed, 0.0
    for _ in range(8):
        state = (state * 1103515245 + 12345) % 2**31
        step = steps[(state >> 8) % len(steps)]
        place = 0.9 * place + (step if state & 1024 else -step * step)
    return place


@program([(0.7, 4), (1.4, 1)], argnums=0)
def hanoi_moves(x, n):
    """A loop over all moves; which disc moves is read off the bits of the count."""
    total = 0.0
    for move in range(1, 2**n):
        disc = 0
        while move & 1 == 0:
            move >>= 1
            disc += 1
        total += x**disc
    return total


@program([(0.6, 100), (1.7, 17)], argnums=0)
def divisors(x, n):
    total, d = 0.0, 1
    while d * d <= n:
        if n % d == 0:
            total += d**x
            if d != n // d:
                total += (n // d) ** x
        d += 1
    return math.log(total)


@program([([0.5, 1.5, 2.5, 0.25], [2, 0, 3, 1]), ([1.5], [0])], argnums=0)
def follow_the_cycle(xs, nxt):
    """Through a permutation until the start is met again."""
    place, product = nxt[0], xs[0]
    while place != 0:
        product = product * xs[place] + 0.1
        place = nxt[place]
    return product


@program([(2.6, 3), (0.4, 1)], argnums=0)
def fractional_parts(x, n):
    total = 0.0
    for k in range(1, n + 1):
        scaled = k * x
        total += (scaled - int(scaled)) / k
    return total


@program([([0.2, 0.4, 0.9],), ([0.5, 0.7],)])
def bits_choose(xs):
    """The sum over all subsets of the product of what is chosen."""
    n = len(xs)
    total = 0.0
    for mask in range(1 << n):
        product = 1.0
        for i in range(n):
            if mask >> i & 1:
                product *= xs[i]
        total += product
    return math.log(total)
