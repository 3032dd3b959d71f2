"""How well a rod conducts heat, place by place, found from temperatures measured along it.

Heat spreads in a rod whose diffusivity k(x) nobody knows.  The simulation is a loop over time that
changes the array of temperatures in place, slice by slice; ``misfit`` says how far a run with a
guess of k is from what was measured.  sourcediff compiles the gradient of that with respect to each
of the numbers in k: the adjoint of the loop changes its arrays in place, too.

Two runs of the rod are measured, with some noise: one that starts with the heat at the left end,
one with it at the right.  The search goes downhill along the logarithm of k, with steps of the
length of Barzilai and Borwein.  Printed are the misfit and how far the guess is from the truth;
with matplotlib both are drawn to a file.

    python examples/heat.py
"""

import argparse

import numpy as np

from sourcediff import value_and_grad

CELLS = 40
STEPS = 400
EVERY = 20
NOISE = 0.002
SMOOTHNESS = 2e-4


def misfit(log_k, start, measured, dt, every):
    """Returns half the sum of squared differences to the measurements, and of jumps in log k.

    Args:
        log_k: the logarithm of the diffusivity between each two neighbouring places.
        start: the temperatures at first; those at the two ends stay.
        measured: a row of temperatures for every `every` steps.
    """
    k = np.exp(log_k)
    u = start.copy()
    total = 0.5 * SMOOTHNESS * np.sum((log_k[1:] - log_k[:-1]) ** 2)
    for step in range(every * len(measured)):
        flow = k * (u[1:] - u[:-1])
        u[1:-1] += dt * (flow[1:] - flow[:-1])
        if (step + 1) % every == 0:
            total += 0.5 * np.sum((u - measured[step // every]) ** 2)
    return total


misfit_and_gradient = value_and_grad(misfit)


def temperatures(k, start, dt, every, count):
    """Returns what one measures: a row of temperatures for every `every` steps."""
    u = start.copy()
    rows = []
    for step in range(every * count):
        flow = k * (u[1:] - u[:-1])
        u[1:-1] += dt * (flow[1:] - flow[:-1])
        if (step + 1) % every == 0:
            rows.append(u.copy())
    return np.array(rows)


def true_diffusivity(cells):
    """Returns the diffusivity to be found: that of a rod of two metals, with a worn spot."""
    x = (np.arange(cells) + 0.5) / cells
    return np.where(x < 0.55, 1.0, 0.4) - 0.5 * np.exp(-(((x - 0.25) / 0.06) ** 2))


def measured_runs(cells, count, rng):
    """Returns (temperatures at first, measurements) of two runs."""
    x = np.linspace(0.0, 1.0, cells + 1)
    runs = []
    for start in (np.exp(-8.0 * x), np.exp(-8.0 * (1.0 - x))):
        rows = temperatures(true_diffusivity(cells), start, 0.4, EVERY, count)
        runs.append((start, rows + NOISE * rng.normal(size=rows.shape)))
    return runs


def objective(log_k, runs):
    """Returns the misfit over all runs and its gradient."""
    pairs = [misfit_and_gradient(log_k, start, rows, 0.4, EVERY) for start, rows in runs]
    return sum(value for value, _ in pairs), sum(slope for _, slope in pairs)


def recover(runs, cells, iterations):
    """Goes downhill from a rod that is the same everywhere; returns the guess and the history."""
    truth = true_diffusivity(cells)
    log_k = np.full(cells, np.log(0.7))
    value, slope = objective(log_k, runs)
    length = 0.1 / np.abs(slope).max()
    history = []
    for iteration in range(iterations + 1):
        error = np.sqrt(np.mean((np.exp(log_k) - truth) ** 2))
        history.append((value, error))
        if iteration % 20 == 0 or iteration == iterations:
            print(f"iteration {iteration:4d}   misfit {value:.6f}   error of k {error:.4f}")
        step = -length * slope
        largest = np.abs(step).max()
        if largest > 0.3:
            step *= 0.3 / largest
        before = slope
        log_k = log_k + step
        value, slope = objective(log_k, runs)
        change = slope - before
        length = abs(step @ step / (step @ change))
    return np.exp(log_k), history


def draw(path, found, history):
    """Draws the diffusivity that was found beside the true one to a file."""
    try:
        import matplotlib
    except ImportError:
        print("no plot: pip install matplotlib")
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4))
    x = (np.arange(len(found)) + 0.5) / len(found)
    left.step(x, true_diffusivity(len(found)), where="mid", label="true")
    left.plot(x, found, "o-", markersize=3, label="found")
    left.set_xlabel("place along the rod")
    left.set_ylabel("diffusivity")
    left.set_ylim(bottom=0.0)
    left.legend()
    values, errors = zip(*history, strict=True)
    right.semilogy(values, label="misfit")
    right.semilogy(errors, label="error of the diffusivity")
    right.set_xlabel("iteration")
    right.legend()
    figure.savefig(path)
    pyplot.close(figure)
    print(f"plot: {path}")


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Find a diffusivity from temperatures.")
    parser.add_argument("--cells", type=int, default=CELLS)
    parser.add_argument("--iterations", type=int, default=200)
    parser.add_argument("--plot", default="heat.png", help="where to draw; empty: nowhere")
    parser.add_argument("--source", action="store_true", help="print the gradient")
    options = parser.parse_args(arguments)
    runs = measured_runs(options.cells, STEPS // EVERY, np.random.default_rng(0))
    found, history = recover(runs, options.cells, options.iterations)
    if options.source:
        print("\nThe generated source:\n")
        print(misfit_and_gradient.source)
    if options.plot:
        draw(options.plot, found, history)


if __name__ == "__main__":
    main()
