"""A small transformer in plain Python lists that learns to say again what it has read.

No NumPy and no framework: embeddings, layers of attention and of a network of two layers, and the
loss are loops and list comprehensions over lists of numbers, in a dict.  sourcediff writes the
gradient of that function as it stands, and Adam goes downhill with it.  ``--source`` prints the
gradient.

The model reads words of four letters that are said twice, ``cabacaba``.  Nothing tells the first
half of a word in advance; the second half is the first one again, which only attention can know.
Printed is the mean loss of the letters of the second half, while it learns, and over fresh words at
the end.  A guess costs the logarithm of the number of letters.

    python examples/transformer.py
"""

import argparse
import math
import random

from sourcediff import value_and_grad

LETTERS = "abcd"
HALF = 4
WIDTH, HEADS, LAYERS = 8, 2, 1
STEPS, RATE = 300, 0.02


def times(matrix, vector):
    """Returns the product of a matrix, a list of rows, and a vector."""
    return [sum(m * v for m, v in zip(row, vector, strict=True)) for row in matrix]


def plus(one, other):
    return [a + b for a, b in zip(one, other, strict=True)]


def evened(vector):
    """Returns the vector with a mean square of one."""
    size = math.sqrt(sum(v * v for v in vector) / len(vector) + 1e-6)
    return [v / size for v in vector]


def shares(scores):
    """Returns numbers between zero and one that add up to one: the softmax."""
    largest = max(scores)
    powers = [math.exp(s - largest) for s in scores]
    total = sum(powers)
    return [p / total for p in powers]


def attended(query, keys, values):
    """Returns what one place hears from those before it, each head in its part of the vectors."""
    heard = []
    size = WIDTH // HEADS
    for head in range(HEADS):
        part = slice(head * size, (head + 1) * size)
        scores = []
        for key in keys:
            product = sum(q * k for q, k in zip(query[part], key[part], strict=True))
            scores.append(product / math.sqrt(size))
        weights = shares(scores)
        for place in range(head * size, (head + 1) * size):
            heard.append(sum(w * v[place] for w, v in zip(weights, values, strict=True)))
    return heard


def loss(model, word):
    """Returns the mean of minus the log of the probability given to each letter of the second half.

    Args:
        model: matrices by name.
        word: the letters as numbers.
    """
    keys = [[] for _ in range(LAYERS)]
    values = [[] for _ in range(LAYERS)]
    total = 0.0
    for place in range(len(word) - 1):
        state = plus(model["letters"][word[place]], model["places"][place])
        for layer in range(LAYERS):
            seen = evened(state)
            keys[layer].append(times(model[f"key {layer}"], seen))
            values[layer].append(times(model[f"value {layer}"], seen))
            query = times(model[f"query {layer}"], seen)
            heard = attended(query, keys[layer], values[layer])
            state = plus(state, times(model[f"out {layer}"], heard))
            hidden = [max(0.0, h) for h in times(model[f"wide {layer}"], evened(state))]
            state = plus(state, times(model[f"narrow {layer}"], hidden))
        if place + 1 >= HALF:
            foretold = shares(times(model["answers"], state))
            total -= math.log(foretold[word[place + 1]])
    return total / (len(word) - HALF)


loss_and_gradient = value_and_grad(loss)


def first_model(rng):
    """Returns small random matrices."""

    def matrix(rows, columns):
        return [[rng.gauss(0.0, 0.3) for _ in range(columns)] for _ in range(rows)]

    model = {"letters": matrix(len(LETTERS), WIDTH), "places": matrix(2 * HALF, WIDTH)}
    for layer in range(LAYERS):
        for name in ("key", "value", "query", "out"):
            model[f"{name} {layer}"] = matrix(WIDTH, WIDTH)
        model[f"wide {layer}"] = matrix(2 * WIDTH, WIDTH)
        model[f"narrow {layer}"] = matrix(WIDTH, 2 * WIDTH)
    model["answers"] = matrix(len(LETTERS), WIDTH)
    return model


def some_word(rng):
    """Returns random letters, twice, as numbers."""
    half = [rng.randrange(len(LETTERS)) for _ in range(HALF)]
    return half + half


class Adam:
    """Gradient descent with a step of its own for each weight (Kingma and Ba 2015)."""

    def __init__(self, model):
        self.means = {name: [[0.0] * len(row) for row in rows] for name, rows in model.items()}
        self.squares = {name: [[0.0] * len(row) for row in rows] for name, rows in model.items()}
        self.steps = 0

    def step(self, model, gradient):
        """Changes the model, a little way downhill."""
        self.steps += 1
        for name, rows in model.items():
            for i, row in enumerate(rows):
                mean, square = self.means[name][i], self.squares[name][i]
                for j, slope in enumerate(gradient[name][i]):
                    mean[j] = 0.9 * mean[j] + 0.1 * slope
                    square[j] = 0.99 * square[j] + 0.01 * slope * slope
                    ahead = mean[j] / (1.0 - 0.9**self.steps)
                    scale = math.sqrt(square[j] / (1.0 - 0.99**self.steps)) + 1e-8
                    row[j] -= RATE * ahead / scale


def trained(model, rng):
    """Trains the model, and prints how it does."""
    adam = Adam(model)
    recent = []
    for step in range(1, STEPS + 1):
        value, gradient = loss_and_gradient(model, some_word(rng))
        adam.step(model, gradient)
        recent.append(value)
        if step % (STEPS // 6) == 0:
            print(f"  after {step:3d} words  {sum(recent) / len(recent):.3f}")
            recent.clear()


def main():
    """Trains a model, and prints what it has learnt."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--source", action="store_true", help="print the gradient as well")
    options = parser.parse_args()
    rng = random.Random(7)
    model = first_model(rng)
    print(f"{sum(len(r) for rows in model.values() for r in rows)} weights")
    print(f"loss of a guess  {math.log(len(LETTERS)):.3f}")
    print("mean loss of the words since")
    trained(model, rng)
    fresh = [loss(model, some_word(rng)) for _ in range(50)]
    print(f"loss of fresh words  {sum(fresh) / len(fresh):.3f}")
    if options.source:
        print(f"\nThe generated source:\n\n{loss_and_gradient.source}")


if __name__ == "__main__":
    main()
