import numpy as np


def grad_ridge(A, b, penalty):
    identity = np.eye(A.shape[1])
    total = A.T @ A + penalty * identity
    x = np.linalg.solve(total, A.T @ b)
    residual = A @ x - b
    # adjoint of: return residual @ residual
    residual_bar = 2.0 * residual
    # adjoint of: residual = A @ x - b
    A_bar = np.outer(residual_bar, x)
    x_bar = A.T @ residual_bar
    b_bar = -residual_bar
    # adjoint of: x = np.linalg.solve(A.T @ A + penalty * np.eye(A.shape[1]), A.T @ b)
    product_bar = np.linalg.solve(total.T, x_bar)
    outer = np.outer(product_bar, x)
    b_bar += A @ product_bar
    A_bar += np.outer(b, product_bar) - A @ outer - A @ np.outer(x, product_bar)
    penalty_bar = -(outer * identity).sum()
    return A_bar, b_bar, penalty_bar
