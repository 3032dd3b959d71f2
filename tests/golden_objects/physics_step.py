import math


def grad_physics_step(speed, dt, n):
    velocity_y = 0.5 * speed
    kept = []
    velocity_x = speed
    velocity_z = position_x = 0.0
    position_y = 1.0
    position_z = 0.2
    for _ in range(n):
        kept.append((position_x, position_y, position_z))
        k = (
            1.0
            / math.sqrt(position_x * position_x + position_y * position_y + position_z * position_z) ** 3
        )
        pull_x = -position_x * k
        pull_y = -position_y * k
        pull_z = -position_z * k
        other_x = pull_x * dt
        other_y = pull_y * dt
        other_z = pull_z * dt
        velocity_x += other_x
        velocity_y += other_y
        velocity_z += other_z
        other_x = velocity_x * dt
        other_y = velocity_y * dt
        other_z = velocity_z * dt
        position_x += other_x
        position_y += other_y
        position_z += other_z
    other_x = velocity_x * -1.0
    other_y = velocity_y * -1.0
    other_z = velocity_z * -1.0
    other_x = position_x + other_x
    other_y = position_y + other_y
    other_z = position_z + other_z
    root = math.sqrt(other_x * other_x + other_y * other_y + other_z * other_z)
    # adjoint of: return position.dot(velocity) - abs(position - velocity)
    other_z_bar = -other_z / root
    other_y_bar = -other_y / root
    other_x_bar = -other_x / root
    position_z_bar = other_z_bar + velocity_z
    velocity_z_bar = position_z - other_z_bar
    position_y_bar = other_y_bar + velocity_y
    velocity_y_bar = position_y - other_y_bar
    position_x_bar = other_x_bar + velocity_x
    velocity_x_bar = position_x - other_x_bar
    for position_x, position_y, position_z in reversed(kept):
        # adjoint of: position = position + velocity * dt
        velocity_z_bar += position_z_bar * dt
        velocity_y_bar += position_y_bar * dt
        velocity_x_bar += position_x_bar * dt
        # adjoint of: velocity = velocity + dt * pull
        pull_z_bar = velocity_z_bar * dt
        pull_y_bar = velocity_y_bar * dt
        pull_x_bar = velocity_x_bar * dt
        root_1 = math.sqrt(
            position_x * position_x + position_y * position_y + position_z * position_z
        )
        k = 1.0 / root_1 ** 3
        # adjoint of: pull = -position * (1.0 / abs(position) ** 3)
        k_bar = -(pull_z_bar * position_z + pull_y_bar * position_y + pull_x_bar * position_x)
        product = -3.0 * (k_bar * k * (k * root_1 * root_1) / root_1)
        position_z_bar += product * position_z - pull_z_bar * k
        position_y_bar += product * position_y - pull_y_bar * k
        position_x_bar += product * position_x - pull_x_bar * k
    # adjoint of: velocity = Vec3(speed, 0.5 * speed)
    return velocity_x_bar + 0.5 * velocity_y_bar
