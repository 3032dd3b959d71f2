def grad_leaky(x, w, slope):
    h = x * w
    below = h < 0.0
    h_chosen = h[below]
    h[below] = h_chosen * slope
    # adjoint of: return np.sum(h * h)
    h_bar = 2.0 * h
    # adjoint of: h[h < 0.0] *= slope
    product_bar = h_bar[below]
    slope_bar = product_bar @ h_chosen
    h_bar[below] = product_bar * slope
    # adjoint of: h = x * w
    x_bar = h_bar * w
    w_bar = h_bar * x
    return x_bar, w_bar, slope_bar
