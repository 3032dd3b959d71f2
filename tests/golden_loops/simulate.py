def grad_simulate(a, b, c, d, dt, n):
    kept = []
    y = 0.5
    x = 1.0
    for _ in range(n):
        kept.append((y, x))
        kx = a * x - b * x * y
        ky = c * x * y - d * y
        x_1 = x + 0.5 * dt * kx
        y_1 = y + 0.5 * dt * ky
        mx = a * x_1 - b * x_1 * y_1
        my = c * x_1 * y_1 - d * y_1
        x += dt * mx
        y += dt * my
    product = 0.5 * dt
    y_bar = x_bar = 1.0
    d_bar = c_bar = b_bar = a_bar = 0.0
    for y, x in reversed(kept):
        # adjoint of: x, y = x + dt * mx, y + dt * my
        my_bar = y_bar * dt
        mx_bar = x_bar * dt
        cx = c * x
        ky = cx * y - d * y
        y_1 = y + product * ky
        # adjoint of: mx, my = predator_prey(x + 0.5 * dt * kx, y + 0.5 * dt * ky, a, b, c, d)
        product_1 = my_bar * y_1
        bx = b * x
        kx = a * x - bx * y
        x_1 = x + product * kx
        product_2 = mx_bar * y_1
        y_1_bar = my_bar * (c * x_1) - my_bar * d - mx_bar * (b * x_1)
        x_1_bar = product_1 * c - product_2 * b + mx_bar * a
        ky_bar = y_1_bar * product
        kx_bar = x_1_bar * product
        d_bar -= product_1
        c_bar += product_1 * x_1
        b_bar -= product_2 * x_1
        a_bar += mx_bar * x_1
        y_bar += y_1_bar
        x_bar += x_1_bar
        # adjoint of: kx, ky = predator_prey(x, y, a, b, c, d)
        product_3 = ky_bar * y
        product_4 = kx_bar * y
        d_bar -= product_3
        y_bar += ky_bar * cx - ky_bar * d - kx_bar * bx
        c_bar += product_3 * x
        x_bar += product_3 * c - product_4 * b + kx_bar * a
        b_bar -= product_4 * x
        a_bar += kx_bar * x
    return a_bar, b_bar, c_bar, d_bar
