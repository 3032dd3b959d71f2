# ruff: noqa: B905
"""Small machine learning in plain lists and dicts."""

import math

from tests.corpus.whole.registry import program


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def affine(W, x, b):
    return [sum(w * v for w, v in zip(row, x)) + c for row, c in zip(W, b)]


def _lstm():
    gate = lambda s: {"W": [[0.1 * s, -0.2, 0.3], [0.2, 0.1 * s, -0.1]], "b": [0.05, -0.1 * s]}
    return {"i": gate(1), "f": gate(2), "o": gate(-1), "g": gate(3)}


@program(lambda: [(_lstm(), [0.5, -1.0, 0.3]), (_lstm(), [0.7]), (_lstm(), [])], argnums=(0, 1))
def lstm(params, xs):
    """An LSTM over a sequence of numbers, its parameters in a dict of dicts."""
    h = [0.0, 0.0]
    c = [0.0, 0.0]
    for x in xs:
        z = [x] + h
        gates = {}
        for name in ("i", "f", "o", "g"):
            squash = math.tanh if name == "g" else sigmoid
            gates[name] = [squash(v) for v in affine(params[name]["W"], z, params[name]["b"])]
        c = [f * cc + i * g for f, cc, i, g in zip(gates["f"], c, gates["i"], gates["g"])]
        h = [o * math.tanh(cc) for o, cc in zip(gates["o"], c)]
    return sum(h) + 0.1 * c[0] * c[1]


def _gru():
    return {
        "z": [0.3, -0.2, 0.1],
        "r": [0.5, 0.4, 0.0],
        "n": [-0.3, 0.8, 0.2],
    }


@program(lambda: [(_gru(), [1.0, -0.5, 0.2], 0.1), (_gru(), [], 0.1)], argnums=(0, 1, 2))
def gru_states(p, xs, h):
    """A scalar gated unit that yields every state through a generator."""

    def states(h):
        for x in xs:
            wz, uz, bz = p["z"]
            wr, ur, br = p["r"]
            wn, un, bn = p["n"]
            z = sigmoid(wz * x + uz * h + bz)
            r = sigmoid(wr * x + ur * h + br)
            n = math.tanh(wn * x + r * un * h + bn)
            h = (1 - z) * n + z * h
            yield h

    total = h
    for k, state in enumerate(states(h)):
        total += state * state / (k + 1)
    return total


def _layers():
    return [
        ([[0.5, -0.3], [0.8, 0.2], [-0.1, 0.4]], [0.1, 0.0, -0.2]),
        ([[0.3, -0.6, 0.9]], [0.05]),
    ]


@program(
    lambda: [(_layers(), [1.0, -2.0], 0.3), (_layers()[:1], [0.5, 0.5], 0.0), ([], [0.4], 0.0)],
    argnums=(0, 1),
)
def mlp_loss(layers, x, target):
    """A perceptron of any depth; no squashing after the last layer."""
    *hidden, last = layers or [([[1.0]], [0.0])]
    for W, b in hidden:
        x = [math.tanh(v) for v in affine(W, x, b)]
    W, b = last
    out = affine(W, x, b)
    return sum((o - target) ** 2 for o in out) / len(out)


@program(lambda: [([2.0, 1.0, -0.5], 1), ([0.3], 0), ([800.0, -800.0], 0)])
def cross_entropy(logits, label):
    """Softmax cross-entropy, safe for large numbers."""
    top = max(logits)
    z = sum(math.exp(l - top) for l in logits)
    return math.log(z) + top - logits[label] + 0.5


def _tokens():
    return [[0.1, 0.5], [-0.3, 0.8], [1.0, -0.2]]


@program(
    lambda: [(_tokens(), 1.0, True), (_tokens(), 0.7, False), ([[0.4, 0.1]], 1.0, True)],
    argnums=(0, 1),
)
def attention(tokens, temperature, causal):
    """Self-attention of a list of vectors, each row over those it may see."""
    scale = temperature * math.sqrt(len(tokens[0]))
    outputs = []
    for i, query in enumerate(tokens):
        visible = tokens[: i + 1] if causal else tokens
        scores = [sum(a * b for a, b in zip(query, key)) / scale for key in visible]
        peak = max(scores)
        weights = [math.exp(s - peak) for s in scores]
        norm = sum(weights)
        mixed = [0.0] * len(query)
        for w, value in zip(weights, visible):
            for d in range(len(value)):
                mixed[d] += w / norm * value[d]
        outputs.append(mixed)
    return sum(v * v for row in outputs for v in row)


@program(lambda: [([0.5, -0.3], 0.1, 0.9, 8), ([0.5, -0.3], 0.1, 0.9, 0)], argnums=(0, 1, 2))
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


@program(lambda: [(0.8, 0.05, 10), (-1.5, 0.2, 1), (-1.5, 0.2, 0)], argnums=(0, 1))
def adam_minimise(x, lr, steps, *, beta1=0.9, beta2=0.999, eps=1e-8):
    """Adam on a quartic well; what is differentiated is the training itself."""
    m = v = 0.0
    for t in range(1, steps + 1):
        g = 4 * x**3 - 2 * x
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        x -= lr * m_hat / (math.sqrt(v_hat) + eps)
    return x**4 - x**2


@program(
    lambda: [([1.0, 2.0, -0.5, 0.3], 1.2, 0.1), ([0.5, 0.7, 0.1], 1.0, 0.2)], argnums=(0, 1, 2)
)
def layer_norm(x, gain, bias):
    """Normalises in place, in two passes."""
    mean = sum(x) / len(x)
    var = sum((v - mean) ** 2 for v in x) / len(x)
    for i, v in enumerate(x):
        x[i] = gain * (v - mean) / math.sqrt(var + 1e-5) + bias
    return sum(v**3 for v in x)


@program(
    lambda: [
        ([1.0, 2.0, 0.5, -1.0, 0.3], [0.5, -1.0, 0.2], 1),
        ([1.0, 2.0, 0.5, 4.0], [-0.5, -0.1], 2),
    ],
    argnums=(0, 1),
)
def convolve_pool(signal, kernel, stride):
    """A convolution with stride, rectified, then the mean of what is positive."""
    k = len(kernel)
    out = []
    for start in range(0, len(signal) - k + 1, stride):
        window = signal[start : start + k]
        out.append(sum(a * b for a, b in zip(window, kernel)))
    positive = [v for v in out if v > 0]
    if not positive:
        return sum(out)
    return sum(positive) / len(positive)


def _vectors():
    return {"the": [0.1, 0.2], "cat": [0.5, -0.4], "sat": [0.3, 0.9]}


@program(
    lambda: [
        (_vectors(), "the cat sat the"),
        (_vectors(), "the dog sat"),
        (_vectors(), ""),
    ]
)
def bag_of_words(table, text):
    """Looks words up in a table of vectors; words that are not there are skipped."""
    mean = [0.0, 0.0]
    words = text.split()
    for word in words:
        vector = table.get(word)
        if vector is None:
            continue
        mean[0] += vector[0] / len(words)
        mean[1] += vector[1] / len(words)
    return math.exp(mean[0]) * mean[1]


def _graph():
    return {"a": ["b", "c"], "b": ["c"], "c": []}


@program(
    lambda: [
        (_graph(), {"a": 1.0, "b": 0.5, "c": -0.2}, 2),
        (_graph(), {"a": 1.0, "b": 0.5, "c": -0.2}, 0),
    ],
    argnums=1,
)
def message_passing(edges, state, rounds):
    """Rounds of messages along a dict of neighbours; a new dict each round."""
    for _ in range(rounds):
        incoming = dict.fromkeys(state, 0.0)
        for source, targets in edges.items():
            for target in targets:
                incoming[target] += math.tanh(state[source]) / len(targets)
        state = {node: 0.6 * value + 0.4 * incoming[node] for node, value in state.items()}
    return sum(v * (i + 1) for i, v in enumerate(state.values()))
