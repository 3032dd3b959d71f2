"""Graphics and space: rays, fractals, curves, satellites."""

import math

from tests.corpus.loops.registry import program


def sub(a, b):
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def dot3(a, b):
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def hit_sphere(origin, direction, centre, radius):
    """The nearest distance along a ray, None where it misses."""
    oc = sub(origin, centre)
    b = dot3(oc, direction)
    c = dot3(oc, oc) - radius * radius
    disc = b * b - c
    if disc < 0:
        return None
    t = -b - math.sqrt(disc)
    if t > 1e-4:
        return t
    t = -b + math.sqrt(disc)
    return t if t > 1e-4 else None


@program([(0.1, 0.2, 1.0), (3.0, 0.1, 0.5), (0.05, 0.05, 8.0)], argnums=(0, 1, 2))
def ray_hits_sphere(px, py, radius):
    length = math.sqrt(px * px + py * py + 1)
    direction = (px / length, py / length, 1 / length)
    t = hit_sphere((0.0, 0.0, 0.0), direction, (0.0, 0.0, 4.0), radius)
    if t is None:
        return 0.1 * px * py
    return t * direction[2]


@program([(0.1, 0.2), (0.6, -0.3)], argnums=(0, 1))
def nearest_of_spheres(px, py):
    spheres = [((0.0, 0.0, 4.0), 1.0), ((0.5, 0.2, 3.0), 0.4), ((2.0, 2.0, 9.0), 0.5)]
    length = math.sqrt(px * px + py * py + 1)
    direction = (px / length, py / length, 1 / length)
    nearest = 100.0
    for centre, radius in spheres:
        t = hit_sphere((0.0, 0.0, 0.0), direction, centre, radius)
        if t is not None and t < nearest:
            nearest = t
    return nearest


@program([(0.3, 0.1, 1.0), (0.0, 0.7, 0.8), (5.0, 5.0, 1.0)], argnums=(0, 1, 2))
def march_to_surface(px, py, radius):
    """Sphere tracing of a distance field."""
    x, y, z = px, py, -3.0
    travelled = 0.0
    for _ in range(60):
        distance = math.sqrt(x * x + y * y + z * z) - radius
        if distance < 1e-6:
            break
        travelled += distance
        z += distance
        if travelled > 20:
            return 20.0 + 0 * px
    n = math.sqrt(x * x + y * y + z * z)
    return travelled - 0.3 * z / n


@program([(0.3, 0.2), (-0.5, 0.4), (0.4, 0.5)], argnums=(0, 1))
def mandelbrot_smooth(cr, ci):
    """A smooth number of turns where the orbit escapes, its last size where it does not."""
    x = y = 0.0
    for n in range(40):
        if x * x + y * y > 16:
            return n + 1 - math.log(math.log(math.sqrt(x * x + y * y)) / math.log(2)) / math.log(2)
        x, y = x * x - y * y + cr, 2 * x * y + ci
    return x * x + y * y


@program([(-0.1, 0.6, 10), (0.3, 0.3, 3)], argnums=(0, 1))
def julia_orbit_trap(x, y, n):
    nearest = 10.0
    while n > 0 and x * x + y * y < 4:
        x, y = x * x - y * y - 0.4, 2 * x * y + 0.6
        trap = abs(x + y)
        if trap < nearest:
            nearest = trap
        n -= 1
    return nearest


@program([([0.0, 1.0, 0.5, 2.0, 1.0], 2.3), ([0.0, 1.0, 0.5, 2.0, 1.0], 1.2)], argnums=(0, 1))
def catmull_rom(points, t):
    k = min(max(int(t), 1), len(points) - 3)
    u = t - k
    p0, p1, p2, p3 = points[k - 1 : k + 3]
    return 0.5 * (
        2 * p1
        + (p2 - p0) * u
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * u**2
        + (3 * (p1 - p2) + p3 - p0) * u**3
    )


@program([([0.0, 2.0, 2.5, 0.3], [0.0, 0.2, 1.7, 1.4])], argnums=(0, 1))
def shoelace(xs, ys):
    area = perimeter = 0.0
    n = len(xs)
    for i in range(n):
        j = (i + 1) % n
        area += xs[i] * ys[j] - xs[j] * ys[i]
        perimeter += math.hypot(xs[j] - xs[i], ys[j] - ys[i])
    return area / perimeter**2


@program([(0.5, 0.2, 6), (1.2, -0.3, 2)], argnums=(0, 1))
def spiral_turtle(step, turn, n):
    x = y = heading = 0.0
    for _ in range(n):
        x += step * math.cos(heading)
        y += step * math.sin(heading)
        heading += turn
        step *= 0.9
    return math.hypot(x, y)


@program([(0.001, 0.97, 1.1, 15.5), (0.01, 0.3, 2.0, 2.0)], argnums=(0, 1, 2, 3))
def satellite_passes(e, inclination, anomaly, motion):
    """Secular drift, then Kepler, then where it is: the steps of a simple propagator."""
    j2, radius = 1.082e-3, 6378.137
    n = motion * 2 * math.pi / 86400
    a = (398600.4418 / n**2) ** (1 / 3)
    p = a * (1 - e * e)
    drift = -1.5 * j2 * (radius / p) ** 2 * n * math.cos(inclination)
    best = 0.0
    for minute in range(0, 90, 15):
        t = 60.0 * minute
        mean = (anomaly + n * t) % (2 * math.pi)
        E = mean
        for _ in range(10):
            step = (E - e * math.sin(E) - mean) / (1 - e * math.cos(E))
            E -= step
            if abs(step) < 1e-12:
                break
        true = 2 * math.atan2(
            math.sqrt(1 + e) * math.sin(E / 2), math.sqrt(1 - e) * math.cos(E / 2)
        )
        node = drift * t
        z = math.sin(inclination) * math.sin(true + 0.3)
        x = math.cos(node) * math.cos(true + 0.3)
        best = max(best, z + 0.2 * x)
    return best + 1e-5 * a


@program([([0.9, 0.1, 0.4, 0.7], 2)], argnums=0)
def box_blur(row, passes):
    image = row[:]
    for _ in range(passes):
        blurred = []
        for i in range(len(image)):
            left = image[i - 1] if i > 0 else image[i]
            right = image[i + 1] if i < len(image) - 1 else image[i]
            blurred.append((left + image[i] + right) / 3)
        image = blurred
    return image[0] * image[-1] + image[1]


@program([([[0.1, 0.9], [0.4, 0.6]],), ([[0.3, 0.2, 0.7], [0.5, 0.5, 0.1]],)])
def total_variation(image):
    total = 0.0
    for i in range(len(image)):
        for j in range(len(image[i])):
            if i + 1 < len(image):
                total += math.sqrt((image[i + 1][j] - image[i][j]) ** 2 + 0.01)
            if j + 1 < len(image[i]):
                total += math.sqrt((image[i][j + 1] - image[i][j]) ** 2 + 0.01)
    return total


@program([([[0.1, 0.9], [0.4, 0.6]], 2)], argnums=0)
def cellular_sums(grid, generations):
    """Each cell becomes a mixture of itself and its neighbours on a torus."""
    rows, columns = len(grid), len(grid[0])
    for _ in range(generations):
        grid = [
            [
                0.5 * grid[i][j]
                + 0.25 * (grid[(i + 1) % rows][j] + grid[i - 1][j])
                + 0.1 * grid[i][(j + 1) % columns] ** 2
                for j in range(columns)
            ]
            for i in range(rows)
        ]
    return sum(sum(row) for row in grid)


@program([(0.4, 0.7, 4), (1.0, 0.2, 0)], argnums=(0, 1))
def cordic_like(x, angle, n):
    """Rotations by halved angles, in the direction that the rest asks for."""
    y, rest = 0.3, angle
    for k in range(n):
        direction = 1 if rest >= 0 else -1
        step = 2.0**-k
        x, y = x - direction * y * step, y + direction * x * step
        rest -= direction * math.atan(step)
    return x + y + 0.1 * rest
