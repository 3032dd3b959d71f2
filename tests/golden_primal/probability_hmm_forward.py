import math


def hmm_forward(start, trans, emit, observed):
    """The forward pass with scaling; log-probability of what was observed."""
    alpha = [s * e[observed[0]] for s, e in zip(start, emit)]
    log_p = 0.0
    for o in observed[1:]:
        scale = sum(alpha)
        log_p += math.log(scale)
        alpha = [
            sum(alpha[i] / scale * trans[i][j] for i in range(len(alpha))) * emit[j][o]
            for j in range(len(alpha))
        ]
    return log_p + math.log(sum(alpha))
