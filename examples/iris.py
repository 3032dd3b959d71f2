"""A logistic neuron that learns from Fisher's measurements to recognise Iris virginica.

The neuron weighs the four measurements of a flower and turns their sum into the
probability that the flower is a virginica and not a setosa or a versicolor.  Its weights
and its bias are found by plain gradient descent.  The program says how wrong the neuron is
about *one* flower (``loss``); sourcediff compiles the gradient of that function, and the
training loop adds it up over the flowers.

Printed are the mean loss over the training flowers before and during training, and how
many flowers the trained neuron gets right, among those it was trained on and among those
it never saw (every fifth).  Nothing is random: each run prints the same.
"""

import csv
import math
from pathlib import Path

from sourcediff import value_and_grad

DATA = Path(__file__).with_name("iris.csv")
RATE = 1.0
EPOCHS = 200


def softplus(z):
    """Returns log(1 + exp(z)), without overflow for any z."""
    if z > 0:
        return z + math.log1p(math.exp(-z))
    return math.log1p(math.exp(z))


def score(w1, w2, w3, w4, b, x1, x2, x3, x4):
    return w1 * x1 + w2 * x2 + w3 * x3 + w4 * x4 + b


def loss(w1, w2, w3, w4, b, x1, x2, x3, x4, t):
    """Returns minus the log of the probability given to the truth t (1: virginica, 0: not)."""
    z = score(w1, w2, w3, w4, b, x1, x2, x3, x4)
    return softplus(z) - t * z


loss_and_gradient = value_and_grad(loss, argnums=("w1", "w2", "w3", "w4", "b"))


def read_flowers():
    """Returns (measurements, truth) of each flower."""
    with DATA.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        ([float(row[name]) for name in row if name != "species"], row["species"] == "virginica")
        for row in rows
    ]


def standardised(flowers, like):
    """Returns the flowers, measured in standard deviations from the mean of the flowers like."""
    columns = list(zip(*(measurements for measurements, _ in like), strict=True))
    means = [sum(column) / len(column) for column in columns]
    deviations = [
        math.sqrt(sum((x - mean) ** 2 for x in column) / len(column))
        for column, mean in zip(columns, means, strict=True)
    ]
    return [
        (
            [(x - m) / d for x, m, d in zip(measurements, means, deviations, strict=True)],
            truth,
        )
        for measurements, truth in flowers
    ]


def one_epoch(parameters, flowers):
    """Returns the mean loss, and the parameters one step downhill from there."""
    total = 0.0
    slope = [0.0] * len(parameters)
    for measurements, truth in flowers:
        value, gradient = loss_and_gradient(*parameters, *measurements, float(truth))
        total += value
        slope = [s + g for s, g in zip(slope, gradient, strict=True)]
    step = RATE / len(flowers)
    return total / len(flowers), [p - step * s for p, s in zip(parameters, slope, strict=True)]


def correct(parameters, flowers):
    """Returns how many flowers the neuron puts on the right side."""
    return sum((score(*parameters, *measurements) > 0) == truth for measurements, truth in flowers)


def main():
    flowers = read_flowers()
    seen = [flower for i, flower in enumerate(flowers) if i % 5 != 4]
    unseen = [flower for i, flower in enumerate(flowers) if i % 5 == 4]
    seen, unseen = standardised(seen, like=seen), standardised(unseen, like=seen)

    print(f"{len(flowers)} flowers, {len(seen)} of them to learn from. Mean loss by epoch:")
    parameters = [0.0] * 5
    for epoch in range(EPOCHS + 1):
        mean_loss, next_parameters = one_epoch(parameters, seen)
        if epoch % 20 == 0:
            print(f"  epoch {epoch:3}  loss {mean_loss:.4f}")
        if epoch < EPOCHS:
            parameters = next_parameters

    print("\nWeight of each measurement, in standard deviations, and bias:")
    names = ["sepal length", "sepal width", "petal length", "petal width", "bias"]
    for name, parameter in zip(names, parameters, strict=True):
        print(f"  {name:12}  {parameter:+.3f}")

    print("\nTold apart correctly, virginica or not:")
    for label, group in [("learnt from", seen), ("never seen", unseen)]:
        right = correct(parameters, group)
        print(f"  {label:11}  {right} of {len(group)} flowers ({right / len(group):.1%})")


if __name__ == "__main__":
    main()
