"""Gradients of the functions of `array_gradients.py` by other libraries, where these are installed.

autograd and JAX run the function as it is, with their own NumPy in the place of NumPy; JAX compiles
it. PyTorch has other names for what NumPy calls ``max``, so that two functions are written anew.
What writes to arrays, none of them can run.
"""

from __future__ import annotations

import importlib
import importlib.util
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from array_gradients import Case

Gradient = Callable[..., Any]


def rivals(case: Case) -> Iterator[tuple[str, Gradient | None]]:
    """The libraries that are installed, each with the gradient where it can compute it."""
    for name, make in (("autograd", by_autograd), ("jax", by_jax), ("torch", by_torch)):
        if importlib.util.find_spec(name) is not None:
            yield name, make(case) if case.pure else None


def with_numpy(function: Callable[..., Any], numpy: Any) -> Callable[..., Any]:
    """A function that finds another module under the name ``np``, as do those that it calls."""
    names: dict[str, Any] = {"np": numpy}
    for name in function.__code__.co_names:
        helper = function.__globals__.get(name)
        if isinstance(helper, types.FunctionType):
            names[name] = with_numpy(helper, numpy)
    return types.FunctionType(function.__code__, {**function.__globals__, **names})


def places(case: Case) -> tuple[int, ...]:
    """The places of the arguments that are differentiated."""
    names = case.primal.__code__.co_varnames
    return tuple(map(names.index, case.argnums))


def by_autograd(case: Case) -> Gradient:
    """The gradient by autograd, which records a tape."""
    autograd = importlib.import_module("autograd")
    function = with_numpy(case.primal, importlib.import_module("autograd.numpy"))
    gradient: Gradient = autograd.grad(function, places(case))
    return gradient


def by_jax(case: Case) -> Gradient:
    """The gradient by JAX in double precision, compiled."""
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    function = with_numpy(case.primal, importlib.import_module("jax.numpy"))
    counts = [p for p, arg in enumerate(case.args) if isinstance(arg, int)]
    gradient = jax.jit(jax.grad(function, places(case)), static_argnums=counts)
    return lambda *args: jax.block_until_ready(gradient(*args))


def torch_network(W1, b1, W2, b2, x, y):
    torch = importlib.import_module("torch")
    logits = torch.tanh(x @ W1 + b1) @ W2 + b2
    return -(y * torch.log_softmax(logits, 1)).sum() / len(x)


def torch_softmax_regression(W, b, x, labels):
    torch = importlib.import_module("torch")
    loss = torch.nn.functional.cross_entropy(x @ W + b, labels)
    return loss + 0.5e-3 * torch.sum(W * W)


def by_torch(case: Case) -> Gradient:
    """The gradient by PyTorch, which records a tape in C++."""
    torch = importlib.import_module("torch")
    name = f"torch_{case.primal.__name__}"
    function = globals().get(name) or with_numpy(case.primal, torch)
    wanted = places(case)

    def gradient(*args: Any) -> Any:
        given = [torch.from_numpy(a) if isinstance(a, np.ndarray) else a for a in args]
        inputs = [given[p].requires_grad_() for p in wanted]
        return torch.autograd.grad(function(*given), inputs)

    return gradient
