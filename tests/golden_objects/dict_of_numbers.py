def grad_dict_of_numbers(x):
    d_a = x * x
    d_c = d_a + 1.0
    total = 0.0 + d_a * d_a
    total += 2.0 * 2.0
    total += d_c * d_c
    total += d_a
    total += d_c
    # adjoint of: return e["total"] * sum(d.values()) + len(e)
    e_total_bar = sum((d_a, 2.0, d_c))
    if x > 1.0:
        e_total = total + x
        # adjoint of: e["total"] += x
        total_bar = e_total_bar
        x_bar = e_total_bar
    else:
        total_bar = e_total_bar
        e_total = total
        x_bar = 0.0
    # adjoint of: total += d[key]
    total_bar_1 = total_bar
    d_c_bar = e_total + total_bar
    # adjoint of: total += d[key]
    total_bar = total_bar_1
    d_a_bar = e_total + total_bar_1
    # adjoint of: total += value * value
    d_c_bar += 2.0 * total_bar * d_c
    # adjoint of: total += value * value
    d_a_bar += 2.0 * total_bar * d_a
    # adjoint of: d["c"] = d["a"] + d.get("z", 1.0)
    d_a_bar += d_c_bar
    # adjoint of: d["a"] *= x
    return x_bar + 2.0 * d_a_bar * x
