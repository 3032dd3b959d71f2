def momentum_descent(w, lr, mu, steps):
    """Gradient descent with momentum on a quadratic, its state in a dict."""
    state = {"w": list(w), "v": [0.0] * len(w)}
    for _ in range(steps):
        g = [2 * state["w"][0] + state["w"][1], state["w"][0] + 4 * state["w"][1]]
        for i in range(2):
            state["v"][i] = mu * state["v"][i] - lr * g[i]
            state["w"][i] += state["v"][i]
    a, b = state["w"]
    return a * a + a * b + 2 * b * b
