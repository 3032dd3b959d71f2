def grad_transfer(r1, r2, v):
    product = 0.5 * 2.0
    product_1 = product * v
    kinetic = product_1 * v
    potential = -2.0 / r1
    total = kinetic + potential
    speed = v * r1 / r2
    product_2 = product * speed
    kinetic = product_2 * speed
    potential_1 = -2.0 / r2
    total_1 = kinetic + potential_1
    diff = total_1 - total
    # adjoint of: return (second - first) ** 2
    total_1_bar = 2.0 * diff
    total_bar = -2.0 * diff
    # adjoint of: total = kinetic + potential
    kinetic_bar = total_1_bar
    # adjoint of: potential = -mass / radius
    r2_bar = -total_1_bar * potential_1 / r2
    # adjoint of: kinetic = 0.5 * mass * speed * speed
    speed_bar = kinetic_bar * product_2 + kinetic_bar * speed * product
    # adjoint of: second = orbit_energy(r2, v * r1 / r2, 2.0)
    ratio = speed_bar / r2
    v_bar = ratio * r1
    r1_bar = ratio * v
    r2_bar -= ratio * speed
    # adjoint of: total = kinetic + potential
    kinetic_bar = total_bar
    # adjoint of: potential = -mass / radius
    r1_bar -= total_bar * potential / r1
    # adjoint of: kinetic = 0.5 * mass * speed * speed
    v_bar += kinetic_bar * product_1 + kinetic_bar * v * product
    return r1_bar, r2_bar, v_bar
