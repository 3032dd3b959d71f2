from tests.corpus.whole.classes import Vec3


def charged_particle(vx, vz, field, steps):
    """A particle in a magnetic field with drag: its position is changed in place."""
    position = Vec3(0.0, 0.0, 0.0)
    velocity = Vec3(vx, 0.1, vz)
    b = Vec3(0.0, field, 1.0)
    for _ in range(steps):
        force = velocity.cross(b) - velocity * (0.1 * velocity.length)
        velocity += force * 0.05
        position += velocity * 0.05
    return position.length ** 2 + velocity.unit().dot(b)
