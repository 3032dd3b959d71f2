def grad_escape(c, limit, n):
    zs = []
    total = z = 0.0
    left = False
    for _ in range(n):
        zs.append(z)
        z = z * z + c
        if z > limit:
            left = True
            break
        total += z
    z_bar = 0.0
    c_bar = total
    for z in reversed(zs):
        if not left:
            # adjoint of: total += z
            z_bar += c
        # adjoint of: z = z * z + c
        c_bar += z_bar
        z_bar = 2.0 * z_bar * z
        left = False
    return (c_bar,)
