"""Random compositions: each line gives the functions of NumPy what the lines before it computed.

    python -m tests.views --compositions --seed 1 --count 500

An expression is taken where NumPy takes it, with arrays of the shapes that there are by then. So
functions meet that no table pairs: their adjoints add up, broadcast, share memory and are views.
"""

import random
import re
from typing import Any

import numpy as np

from tests.views.judge import points

__all__ = ["composed"]

#: `a` and `b` are arrays, `s` is a number, `k` an axis. Of one operand:
ONE = """
a.T | a.reshape(-1) | a.ravel() | a[0] | a[-1] | a[1:] | a[::-1] | a[..., 0] | a[..., ::2]
a[:, None] | a[None] | a[[0, 1, 0]] | a[a > 0.31] | np.expand_dims(a, k) | np.swapaxes(a, 0, -1)
np.moveaxis(a, 0, -1) | np.squeeze(a[None], axis=0) | np.rot90(a) | np.flip(a, k) | np.flip(a)
np.roll(a, 1) | np.roll(a, -1, axis=k) | np.repeat(a, 2, axis=k) | np.tile(a, 2) | np.pad(a, 1)
np.take(a, [0, -1], axis=k) | np.split(a, 2)[1] | np.delete(a, 0, axis=k)
np.insert(a, 0, s, axis=k) | np.diag(a) | np.triu(a) | np.tril(a, -1) | np.trace(a)
np.broadcast_to(a, (2,) + a.shape) | np.sin(a) | np.exp(-a**2) | np.tanh(a) | np.sqrt(1.0 + a * a)
np.abs(a) | a**2 | a**3 | np.square(a) | np.log1p(a**2) | np.nan_to_num(a)
np.clip(a, -0.53, 0.83) | np.minimum(a, 0.41) | s * a | np.sum(a, axis=k)
np.sum(a, axis=k, keepdims=True) | np.mean(a, axis=k) | a.mean() | a.sum() * s | np.max(a, axis=k)
np.min(a) | np.prod(1.0 + 0.1 * a, axis=k) | np.var(a, axis=k) | np.std(a, axis=k, ddof=1)
np.median(a, axis=k) | np.ptp(a, axis=k) | np.quantile(a, 0.3, axis=k) | np.average(a, axis=k)
np.nansum(a, axis=k) | np.add.reduce(a, axis=k) | np.cumsum(a, axis=k)
np.logaddexp.reduce(a, axis=k) | np.cumprod(1.0 + 0.1 * a, axis=k) | np.diff(a, axis=k)
np.gradient(a, axis=k) | np.sort(a, axis=k) | np.trapezoid(a, axis=k) | np.cov(a)
np.take_along_axis(a, np.argsort(a, axis=k), axis=k) | np.interp(a, [-1.0, 0.07, 1.1, 2.0], x)
np.linalg.norm(a) | np.linalg.norm(a, axis=k) | np.linalg.inv(a @ a.T + 3.0 * np.eye(a.shape[0]))
np.linalg.det(a @ a.T + np.eye(a.shape[0]))
np.linalg.cholesky(a @ a.T + 3.0 * np.eye(a.shape[0]))
np.linalg.slogdet(a @ a.T + np.eye(a.shape[0]))[1] | np.real(np.fft.fft(a))
np.abs(np.fft.rfft(a)) ** 2 | np.eye(a.shape[0]) * s + a | np.full(a.shape, s)
np.zeros_like(a) + s | np.float64(2.0) * a | np.dot(a, x) | np.array([s, s * s, x[0]]) | x | A
"""
#: And of two.
TWO = """
a + b | a - b | a * b | a / (2.5 + np.sin(b)) | a @ b | a @ b.T | a.T @ b | np.dot(a, b)
np.outer(a, b) | np.inner(a, b) | np.vdot(a, b) | np.matmul(a, b) | np.cross(a, b) | np.kron(a, b)
np.tensordot(a, b, axes=1) | np.einsum('ij,j->i', a, b) | np.einsum('ij,kj->ik', a, b)
np.einsum('...i,...i->...', a, b) | np.multiply.outer(a, b) | np.convolve(a, b)
np.linalg.solve(a.T @ a + 3.0 * np.eye(a.shape[1]), b) | np.stack([a, b])
np.stack([a, b], axis=-1) | np.concatenate([a, b]) | np.concatenate([a, b], axis=-1)
np.vstack([a, b]) | np.hstack([a, b]) | np.column_stack([a, b]) | np.append(a, b)
np.array([a, b]) | (a if s > 0 else b) | np.where(a > b, a, b * 0.5) | np.maximum(a, b)
np.select([a > 0.53, a > 0.07], [a, b], s) | np.logaddexp(a, b) | np.hypot(a, b)
np.arctan2(a, 1.5 + b**2) | np.heaviside(a, 0.5) * b | np.sign(a) * b
"""
TEMPLATES = [each.strip() for text in (ONE, TWO) for each in text.replace("\n", "|").split("|")]
RESULTS = ("np.sum({0} * {0})", "np.sum(np.cos({0}))", "np.sum({0})")
#: Larger arrays, and larger numbers in them, are not computed with.
SIZE, LARGEST = 120, 50.0


def composed(seed: str, number: int) -> str:
    """The text of a program."""
    rng = random.Random(f"{seed}:{number}")
    x, A, _, s, _ = points()[0]
    known: dict[str, Any] = {"np": np, "x": x, "A": A, "s": s}
    names, lines = ["x", "A", "x", "A"], []
    # A program that does few things does each of them often, and to what the others gave.
    templates = rng.sample([each for each in TEMPLATES if each], 40)
    wanted = rng.randint(2, 6)
    with np.errstate(all="ignore"):
        for _ in range(200):
            text = filled(rng.choice(templates), rng, names)
            value = evaluated(text, known)
            if value is None:
                continue
            name = f"t{len(lines)}"
            known[name] = value
            names.append(name)
            lines.append(f"    {name} = {text}")
            if len(lines) == wanted:
                break
    results = [rng.choice(RESULTS).format(name) for name in names[4:][-3:]]
    body = "\n".join([*lines, f"    return {' + '.join(results)}"])
    return f"import numpy as np\n\n\ndef f(x, A, T, s, n):\n{body}\n"


def filled(template: str, rng: random.Random, names: list[str]) -> str:
    """An expression of names that there are."""
    chosen = {
        "a": rng.choice(names),
        "b": rng.choice(names),
        "k": str(rng.choice((0, 0, 1, -1, -2))),
    }
    words = re.split(r"\b([abk])\b", template)
    return "".join(chosen.get(word, word) for word in words)


def evaluated(text: str, known: dict[str, Any]) -> Any:
    """What an expression gives; None where NumPy refuses it, or it is none to differentiate."""
    try:
        value = eval(text, known)
    except Exception:
        return None
    found = np.asarray(value)
    usable = found.dtype.kind == "f" and 0 < found.size <= SIZE and np.isfinite(found).all()
    return value if usable and np.abs(found).max() <= LARGEST else None
