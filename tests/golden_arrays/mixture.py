import numpy as np


def grad_mixture(alphas, means, factors, x):
    n = x.shape[0]
    d = x.shape[1]
    k = len(alphas)
    terms = np.empty((n, k))
    kept = []
    starts = []
    for j in range(k):
        logs = factors[j, :d]
        e = np.exp(logs)
        q = np.diag(e)
        start = d
        for column in range(d - 1):
            starts.append(start)
            stop = start + d - 1 - column
            q[column + 1:, column] = factors[j, start:stop]
            start = stop
        diff = x - means[j]
        y = diff @ q.T
        kept.append((e, diff, q, y))
        terms[:, j] = alphas[j] + logs.sum() - 0.5 * (y * y).sum(axis=1)
    top = terms.max(axis=1)
    e_1 = np.exp(terms - top[:, None])
    e_2 = np.exp(alphas)
    # adjoint of: return total - n * np.log(np.exp(alphas).sum())
    alphas_bar = -n / e_2.sum() * e_2
    # adjoint of: total = (np.log(np.exp(terms - top[:, None]).sum(axis=1)) + top).sum()
    terms_bar = e_1 / e_1.sum(axis=1)[:, None]
    means_bar = np.zeros_like(means)
    factors_bar = np.zeros_like(factors)
    for j in reversed(range(k)):
        e, diff, q, y = kept.pop()
        # adjoint of: terms[:, j] = alphas[j] + logs.sum() - 0.5 * (y * y).sum(axis=1)
        terms_bar_part = terms_bar[:, j]
        logs_bar = terms_bar_part.sum()
        part = terms_bar_part[:, None]
        alphas_bar[j] += logs_bar
        y_bar = -part * y
        # adjoint of: y = (x - means[j]) @ q.T
        q_bar = y_bar.T @ diff
        means_bar[j] -= (y_bar @ q).sum(axis=0)
        for column in reversed(range(d - 1)):
            start = starts.pop()
            # adjoint of: q[column + 1 :, column] = factors[j, start:stop]
            q_bar_part = q_bar[column + 1:, column]
            stop = start + d - 1 - column
            factors_bar[j, start:stop] += (
                q_bar_part.sum(axis=0, keepdims=True)
                if factors[j, start:stop].shape[0] == 1
                else q_bar_part
            )
            q_bar[column + 1:, column] = 0.0
        # adjoint of: q = np.diag(np.exp(logs))
        logs_bar = logs_bar + np.diag(q_bar, 0) * e
        # adjoint of: logs = factors[j, :d]
        factors_bar[j, :d] += logs_bar
    return alphas_bar, means_bar, factors_bar
