"""A network of two layers that learns to read handwritten digits.

The images are the 1797 of 8 × 8 pixels that scikit-learn ships.  The program says how wrong the
network is about a batch of images (``loss``), in plain NumPy; sourcediff compiles the gradient of
that function, and the training goes downhill with momentum.  ``--source`` prints the gradient.

Printed are the mean loss over the training images and the share of images read rightly, among those
it learnt from and among those it never saw (every fifth).  Needs NumPy and scikit-learn; with
matplotlib the course of both is drawn to a file, with the images that were misread.

    pip install scikit-learn matplotlib
    python examples/digits.py
"""

import argparse
import sys

import numpy as np

from sourcediff import value_and_grad

HIDDEN = 32
RATE, MOMENTUM = 0.3, 0.9
BATCH = 100


def scores(W1, b1, W2, b2, images):
    """Returns how much speaks for each digit, for each image."""
    return np.tanh(images @ W1 + b1) @ W2 + b2


def loss(W1, b1, W2, b2, images, truths):
    """Returns the mean of minus the log of the probability given to the true digit.

    Args:
        truths: for each image a row of ten numbers: one at the place of the digit, else zeros.
    """
    z = scores(W1, b1, W2, b2, images)
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.mean(np.sum(truths * log_p, axis=1))


loss_and_gradient = value_and_grad(loss, argnums=("W1", "b1", "W2", "b2"))


def read_digits():
    """Returns the images, one a row with numbers from 0 to 1, and the digits that they show."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        sys.exit("this example reads the images of scikit-learn: pip install scikit-learn")
    found = load_digits()
    return found.data / 16.0, found.target


def first_parameters(pixels, rng):
    """Returns small random weights, and biases of zero."""
    W1 = rng.normal(size=(pixels, HIDDEN)) / np.sqrt(pixels)
    W2 = rng.normal(size=(HIDDEN, 10)) / np.sqrt(HIDDEN)
    return [W1, np.zeros(HIDDEN), W2, np.zeros(10)]


def one_epoch(parameters, speeds, images, truths, rng):
    """Goes through all images once, in batches; returns the mean loss."""
    order = rng.permutation(len(images))
    total = 0.0
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        value, gradient = loss_and_gradient(*parameters, images[batch], truths[batch])
        total += value * len(batch)
        for parameter, speed, slope in zip(parameters, speeds, gradient, strict=True):
            speed *= MOMENTUM
            speed -= RATE * slope
            parameter += speed
    return total / len(images)


def readings(parameters, images):
    """Returns the digit that the network sees in each image."""
    return scores(*parameters, images).argmax(axis=1)


def share_right(parameters, images, digits):
    """Returns the share of images that the network reads rightly."""
    return np.mean(readings(parameters, images) == digits)


def train(images, digits, epochs):
    """Trains a network, prints its progress; returns the parameters and the history."""
    rng = np.random.default_rng(0)
    unseen = np.arange(len(images)) % 5 == 4
    learnt = ~unseen
    truths = np.eye(10)[digits]
    parameters = first_parameters(images.shape[1], rng)
    speeds = [np.zeros_like(p) for p in parameters]
    history = []
    for epoch in range(1, epochs + 1):
        mean = one_epoch(parameters, speeds, images[learnt], truths[learnt], rng)
        right = [share_right(parameters, images[k], digits[k]) for k in (learnt, unseen)]
        history.append((mean, *right))
        if epoch == 1 or epoch % 5 == 0 or epoch == epochs:
            print(
                f"epoch {epoch:3d}   loss {mean:.4f}   "
                f"right: {right[0]:.1%} of those learnt from, {right[1]:.1%} of those never seen"
            )
    return parameters, history


def draw(path, parameters, history, images, digits):
    """Draws the course of the training, and images that were misread, to a file."""
    try:
        import matplotlib
    except ImportError:
        print("no plot: pip install matplotlib")
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4))
    losses, learnt, unseen = zip(*history, strict=True)
    epochs = range(1, len(history) + 1)
    left.semilogy(epochs, losses, label="loss")
    left.semilogy(epochs, [1 - share for share in learnt], label="misread, learnt from")
    left.semilogy(epochs, [1 - share for share in unseen], label="misread, never seen")
    left.set_xlabel("epoch")
    left.legend()
    seen = readings(parameters, images)
    wrong = np.flatnonzero((seen != digits) & (np.arange(len(images)) % 5 == 4))[:10]
    right.axis("off")
    right.set_title("misread (seen as)" if len(wrong) else "none misread")
    side = int(np.sqrt(images.shape[1]))
    for place, k in enumerate(wrong):
        row, column = divmod(place, 5)
        inset = right.inset_axes((column / 5, 0.5 - row / 2, 0.18, 0.42))
        inset.imshow(images[k].reshape(side, side), cmap="gray_r")
        inset.set_title(str(seen[k]))
        inset.axis("off")
    figure.savefig(path)
    pyplot.close(figure)
    print(f"plot: {path}")


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Learn to read handwritten digits.")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--plot", default="digits.png", help="where to draw; empty: nowhere")
    parser.add_argument("--source", action="store_true", help="print the gradient")
    options = parser.parse_args(arguments)
    images, digits = read_digits()
    parameters, history = train(images, digits, options.epochs)
    if options.source:
        print("\nThe generated source:\n")
        print(loss_and_gradient.source)
    if options.plot:
        draw(options.plot, parameters, history, images, digits)


if __name__ == "__main__":
    main()
