# ruff: noqa: B905
"""Networks in plain lists, with parameters in dicts, objects and lists of them."""

import math
from dataclasses import dataclass, field

from tests.corpus.objects.registry import program


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def affine(weights, bias, x):
    return [sum(w * v for w, v in zip(row, x)) + b for row, b in zip(weights, bias)]


LSTM = {gate: {"w": [[0.1, -0.2, 0.3], [0.2, 0.1, -0.1]], "b": [0.05, -0.1]} for gate in "ifog"}


@program([(LSTM, [[0.5], [-0.3], [0.8]])], argnums=(0, 1))
def lstm(params, xs):
    """A cell of two units, over a few inputs."""
    h, c = [0.0, 0.0], [0.0, 0.0]
    for x in xs:
        joined = x + h
        i, f, o = (
            [sigmoid(v) for v in affine(params[k]["w"], params[k]["b"], joined)] for k in "ifo"
        )
        g = [math.tanh(v) for v in affine(params["g"]["w"], params["g"]["b"], joined)]
        c = [a * b + p * q for a, b, p, q in zip(f, c, i, g)]
        h = [a * math.tanh(b) for a, b in zip(o, c)]
    return sum(v * v for v in h)


def softmax(values):
    top = max(values)
    raised = [math.exp(v - top) for v in values]
    total = sum(raised)
    return [v / total for v in raised]


def normalised(x, gain):
    mean = sum(x) / len(x)
    spread = sum((v - mean) ** 2 for v in x) / len(x)
    return [g * (v - mean) / math.sqrt(spread + 1e-5) for g, v in zip(gain, x)]


BLOCK = {
    "q": [[0.2, -0.1], [0.3, 0.4]],
    "k": [[0.1, 0.5], [-0.2, 0.3]],
    "v": [[0.6, 0.1], [0.2, -0.3]],
    "up": [[0.3, 0.1], [-0.2, 0.4], [0.5, -0.6]],
    "down": [[0.1, 0.2, -0.3], [0.4, -0.1, 0.2]],
    "gain": [1.0, 0.9],
}


def times(matrix, x):
    return [sum(w * v for w, v in zip(row, x)) for row in matrix]


@program([(BLOCK, [[0.5, -0.1], [0.2, 0.8], [-0.4, 0.3]])], argnums=(0, 1))
def transformer_block(p, tokens):
    """Attention and a layer of two, both added to what they take."""
    queries = [times(p["q"], t) for t in tokens]
    keys = [times(p["k"], t) for t in tokens]
    values = [times(p["v"], t) for t in tokens]
    total = 0.0
    for i, query in enumerate(queries):
        weights = softmax(
            [sum(a * b for a, b in zip(query, key)) / math.sqrt(2) for key in keys[: i + 1]]
        )
        mixed = [sum(w * v[d] for w, v in zip(weights, values)) for d in range(2)]
        x = normalised([a + b for a, b in zip(tokens[i], mixed)], p["gain"])
        hidden = [math.tanh(v) for v in times(p["up"], x)]
        out = [a + b for a, b in zip(x, times(p["down"], hidden))]
        total += sum(v * v * (d + 1) for d, v in enumerate(out))
    return total


@dataclass
class Layer:
    weights: list[list[float]]
    bias: list[float]
    steep: float = 1.0

    def __call__(self, x):
        return [math.tanh(self.steep * v) for v in affine(self.weights, self.bias, x)]


@program([(Layer([[0.5, -0.2], [0.1, 0.3]], [0.1, 0.2]), [0.4, -0.6])], argnums=(0, 1))
def one_layer(layer, x):
    """A layer that is called."""
    y = layer(layer(x))
    return y[0] * y[1]


@dataclass
class Network:
    layers: list[Layer] = field(default_factory=list)

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


@program(
    [
        (
            Network([Layer([[0.5, -0.2]], [0.1]), Layer([[0.7], [0.3]], [0.0, 0.1], 0.5)]),
            [0.4, -0.6],
        )
    ],
    argnums=(0, 1),
)
def network(net, x):
    """A list of layers in an object."""
    return sum(v * v for v in net(x))


@program([({"w": [0.3, -0.2], "b": 0.1}, [[1.0, 2.0], [0.5, -1.0]], [1.0, 0.0], 0.1, 3)], argnums=0)
def trained(params, xs, ys, rate, epochs):
    """Parameters that are trained in place before the loss is taken."""
    for _ in range(epochs):
        for x, y in zip(xs, ys):
            p = sigmoid(sum(w * v for w, v in zip(params["w"], x)) + params["b"])
            for i, v in enumerate(x):
                params["w"][i] -= rate * (p - y) * v
            params["b"] -= rate * (p - y)
    loss = 0.0
    for x, y in zip(xs, ys):
        p = sigmoid(sum(w * v for w, v in zip(params["w"], x)) + params["b"])
        loss -= y * math.log(p) + (1 - y) * math.log(1 - p)
    return loss


class Adam:
    def __init__(self, n, rate):
        self.rate = rate
        self.m = [0.0] * n
        self.v = [0.0] * n
        self.t = 0

    def step(self, weights, grads):
        self.t += 1
        for i, g in enumerate(grads):
            self.m[i] = 0.9 * self.m[i] + 0.1 * g
            self.v[i] = 0.99 * self.v[i] + 0.01 * g * g
            m = self.m[i] / (1 - 0.9**self.t)
            v = self.v[i] / (1 - 0.99**self.t)
            weights[i] -= self.rate * m / (math.sqrt(v) + 1e-3)


@program([([1.0, -2.0], 0.1, 4), ([0.5, 0.3], 0.2, 0)], argnums=(0, 1))
def adam(weights, rate, steps):
    """An optimiser that keeps what it has seen in lists of its own."""
    optimiser = Adam(len(weights), rate)
    for _ in range(steps):
        optimiser.step(weights, [2 * w + 0.3 for w in weights])
    return sum(w * w for w in weights)


@program([({"a": [0.1, 0.2], "b": [0.3], "c": [0.5, 0.6]}, 0.7)], argnums=(0, 1))
def norms_by_name(params, power):
    """A dict of lists, gone through by name."""
    total = 0.0
    for name, values in params.items():
        norm = math.sqrt(sum(v * v for v in values))
        total += norm**power * (2.0 if name == "b" else 1.0)
    return total


@program([([[0.1, 0.9], [0.4, 0.2], [0.8, 0.7]], [0, 2, 1, 0])])
def embeddings(table, words):
    """Rows of a table that are looked up, and averaged."""
    total = [0.0] * len(table[0])
    for w in words:
        row = table[w]
        for d in range(len(row)):
            total[d] += row[d]
    return sum((v / len(words)) ** 2 for v in total)


@program([([[1.0, 2.0, 0.5], [0.2, 1.5, -0.4], [0.7, 0.1, 0.9]], [0.3, 0.1, 0.2])], argnums=(0, 1))
def batch_normalised(rows, gain):
    """Columns made alike, in place."""
    n = len(rows)
    for j in range(len(rows[0])):
        mean = sum(row[j] for row in rows) / n
        spread = sum((row[j] - mean) ** 2 for row in rows) / n
        for row in rows:
            row[j] = gain[j] * (row[j] - mean) / math.sqrt(spread + 0.01)
    return sum(v**3 for row in rows for v in row)
