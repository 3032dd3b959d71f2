def product_tree_forward(x, low, high):
    if high - low == 1:
        return x + low, None
    middle = (low + high) // 2
    value, kept = product_tree_forward(x, low, middle)
    value_1, kept_1 = product_tree_forward(x, middle, high)
    return value * value_1, (middle, value, kept, value_1, kept_1)


def product_tree_reverse(low, high, value_bar, kept):
    if high - low == 1:
        # adjoint of: return x + low
        return value_bar
    middle, value, kept, value_1, kept_1 = kept
    # adjoint of: return product_tree(x, low, middle) * product_tree(x, middle, high)
    return (
        product_tree_reverse(middle, high, value_bar * value, kept_1)
        + product_tree_reverse(low, middle, value_bar * value_1, kept)
    )


def grad_product_tree(x, low, high):
    _, kept = product_tree_forward(x, low, high)
    x_bar = product_tree_reverse(low, high, 1.0, kept)
    return (x_bar,)
