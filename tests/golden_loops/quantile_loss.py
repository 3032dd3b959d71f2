def grad_quantile_loss(level, weight, values):
    gaps = []
    for v in values:
        gap = v - level
        gaps.append(gap)
        level += weight * gap
    level_bar = weight_bar = 0.0
    for gap in reversed(gaps):
        # adjoint of: level += weight * gap
        gap_bar = level_bar * weight
        weight_bar += level_bar * gap
        if gap > 0.0:
            # adjoint of: loss += 0.9 * gap
            gap_bar += 0.9
        else:
            # adjoint of: loss -= 0.1 * gap
            gap_bar -= 0.1
        # adjoint of: gap = v - level
        level_bar -= gap_bar
    return level_bar, weight_bar
