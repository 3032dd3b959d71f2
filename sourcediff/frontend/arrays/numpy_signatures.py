"""The functions of NumPy that are no rules of one line, and what their arguments are called.

An operation calls one of them as the user wrote it: as a function or as a method, with keywords
or without. `arguments_of` tells them by name, whichever way it was.

>>> SIGNATURES["sum"]
('a', 'axis', 'dtype', None, 'keepdims', 'initial', 'where')
"""

from __future__ import annotations

from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import Atom, Const, Op
from sourcediff.memory import QUERY

__all__ = [
    "ALIASES",
    "AS_FUNCTIONS",
    "METHODS",
    "NODES",
    "OF_ELEMENTS",
    "OTHER_METHODS",
    "PLANE_TRANSFORMS",
    "SIGNATURES",
    "SPREAD",
    "TRANSFORMS",
    "WHOLE",
    "Given",
    "arguments_of",
    "name_of",
]

Given = Atom | tuple[Atom, ...]

_REDUCTION: tuple[str | None, ...] = ("a", "axis", "dtype", None, "keepdims")
_EXTREMUM: tuple[str | None, ...] = ("a", "axis", None, "keepdims", "initial", "where")
_VARIANCE = ("a", "axis", None, None, "ddof", "keepdims", "where", "mean")
_QUANTILE = ("a", "q", "axis", None, None, None, "keepdims")
_NORM: tuple[str | None, ...] = ("a", "ord", "axis", "keepdims")
_SVD: tuple[str | None, ...] = ("a", "full_matrices", "compute_uv")
#: Functions of one matrix that are done with every matrix of a stack.
STACKED = ("inv", "det", "cholesky", "eigvalsh", "pinv", "slogdet")

#: Fourier transforms along one axis, and along several.
TRANSFORMS = ("fft", "ifft", "rfft", "irfft")
PLANE_TRANSFORMS = ("fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn")

#: Functions that give the nodes and weights of a quadrature, by the module of `numpy.polynomial`.
NODES = {
    "leggauss": "legendre",
    "hermgauss": "hermite",
    "hermegauss": "hermite_e",
    "laggauss": "laguerre",
    "chebgauss": "chebyshev",
}

#: By name, the parameters that are supported, in the order of their positions. Those that NumPy
#: has in between (``out``) are None.
SIGNATURES: dict[str, tuple[str | None, ...]] = {
    "sum": (*_REDUCTION, "initial", "where"),
    **dict.fromkeys(("mean", "mean of chosen"), (*_REDUCTION, "where")),
    **dict.fromkeys(("prod", "prod of chosen"), (*_REDUCTION, "initial", "where")),
    **dict.fromkeys(("max", "min", "max of chosen", "min of chosen"), _EXTREMUM),
    "any": ("a", "axis", None, "keepdims", "where"),
    "all": ("a", "axis", None, "keepdims", "where"),
    "argmax": ("a", "axis", None, "keepdims"),
    "argmin": ("a", "axis", None, "keepdims"),
    "nanargmax": ("a", "axis"),
    "nanargmin": ("a", "axis"),
    "nanmax": ("a", "axis", None, "keepdims"),
    "nanmin": ("a", "axis", None, "keepdims"),
    "nonzero": ("a",),
    "flatnonzero": ("a",),
    "argwhere": ("a",),
    "triu_indices": ("n", "k"),
    "tril_indices": ("n", "k"),
    "diag_indices": ("n",),
    "diag_indices_from": ("a",),
    "triu_indices_from": ("a", "k"),
    "tril_indices_from": ("a", "k"),
    "unravel_index": ("indices", "shape"),
    "ix_": ("a", "b", "c"),
    "digitize": ("a", "bins"),
    "isclose": ("a", "b"),
    "count_nonzero": ("a", "axis", "keepdims"),
    **dict.fromkeys(("var", "std", "var of chosen", "std of chosen"), _VARIANCE),
    "indices": ("shape", "dtype"),
    "issubdtype": ("one", "other"),
    "finfo": ("dtype",),
    "broadcast_shapes": ("one", "other"),
    **dict.fromkeys(("setdiff1d", "intersect1d", "union1d", "isin"), ("a", "b")),
    "cumsum": ("a", "axis"),
    "cumprod": ("a", "axis"),
    "dot": ("a", "b"),
    "matmul": ("a", "b"),
    "inner": ("a", "b"),
    "vdot": ("a", "b"),
    "vecdot": ("a", "b"),
    "tensordot": ("a", "b", "axes"),
    "einsum": ("subscripts", "a", "b", "c", "d", "e", "optimize"),
    "outer": ("a", "b"),
    "trace": ("a", "offset", "axis1", "axis2"),
    "diag": ("a", "k"),
    "diagonal": ("a", "offset", "axis1", "axis2"),
    "take": ("a", "indices", "axis", None, "mode"),
    "take_along_axis": ("a", "indices", "axis"),
    "bincount": ("x", "weights", "minlength"),
    "delete": ("a", "obj", "axis"),
    "insert": ("a", "obj", "values", "axis"),
    "sort": ("a", "axis", "kind"),
    "argsort": ("a", "axis", "kind"),
    "partition": ("a", "kth", "axis"),
    "argpartition": ("a", "kth", "axis"),
    "histogram": ("a", "bins", "range", "density", "weights"),
    "weighted histogram": ("a", "bins", "range", "density", "weights"),
    "searchsorted": ("a", "v", "side"),
    "lexsort": ("arrays", "axis"),
    "median": ("a", "axis", None, None, "keepdims"),
    "nanmedian": ("a", "axis", None, None, "keepdims"),
    **dict.fromkeys(("quantile", "percentile", "quantiles", "percentiles"), _QUANTILE),
    "triu": ("a", "k"),
    "tril": ("a", "k"),
    "linalg.norm": _NORM,
    **dict.fromkeys(("norm of order", "norm of 1", "norm of inf"), _NORM),
    **dict.fromkeys((f"matrix norm of {order}" for order in ("1", "2", "inf", "nuc")), _NORM),
    "linalg.inv": ("a",),
    "linalg.solve": ("a", "b"),
    "linalg.det": ("a",),
    "reshape": ("a", "shape"),
    "ravel": ("a",),
    "flatten": ("a",),
    "transpose": ("a", "axes"),
    "swapaxes": ("a", "axis1", "axis2"),
    "squeeze": ("a", "axis"),
    "expand_dims": ("a", "axis"),
    "broadcast_to": ("a", "shape"),
    "moveaxis": ("a", "source", "destination"),
    "flip": ("a", "axis"),
    "roll": ("a", "shift", "axis"),
    "repeat": ("a", "repeats", "axis"),
    "rot90": ("a", "k", "axes"),
    "flipud": ("a",),
    "fliplr": ("a",),
    "tile": ("a", "reps"),
    "pad": ("a", "pad_width", "mode", "constant_values"),
    "diff": ("a", "n", "axis"),
    "gradient": ("a", "spacing", None, None, "axis", "edge_order"),
    "gradient between places": ("a", "spacing", None, None, "axis", "edge_order"),
    "add.reduceat": ("a", "indices", "axis"),
    "logaddexp.reduce": ("a", "axis", None, None, "keepdims"),
    "maximum.accumulate": ("a", "axis"),
    "minimum.accumulate": ("a", "axis"),
    "sliding_window_view": ("a", "window_shape", "axis"),
    "unwrap": ("a",),
    "kron": ("a", "b"),
    "cross": ("a", "b"),
    "convolve": ("a", "v", "mode"),
    "correlate": ("a", "v", "mode"),
    "interp": ("x", "xp", "fp", "left", "right"),
    "linalg.cholesky": ("a",),
    "linalg.multi_dot": ("arrays",),
    "linalg.eigvalsh": ("a",),
    "linalg.pinv": ("a",),
    "linalg.matrix_power": ("a", "n"),
    "linalg.slogdet": ("a",),
    "linalg.eigh": ("a", "UPLO"),
    "linalg.svd": _SVD,
    **dict.fromkeys(("full svd", "singular values"), _SVD),
    "linalg.qr": ("a", "mode"),
    "triangle of qr": ("a", "mode"),
    "linalg.lstsq": ("a", "b", "rcond"),
    **dict.fromkeys((f"{name} of stack" for name in STACKED), ("a",)),
    "solve of stack": ("a", "b"),
    "eigh of stack": ("a", "UPLO"),
    **dict.fromkeys(("svd of stack", "singular values of stack"), _SVD),
    "modf": ("a",),
    **dict.fromkeys(NODES, ("n",)),
    "frexp": ("a",),
    "unique": ("a", "return_index", "return_inverse", "return_counts"),
    "concatenate": ("arrays", "axis"),
    "stack": ("arrays", "axis"),
    "vstack": ("arrays",),
    "hstack": ("arrays",),
    "column_stack": ("arrays",),
    "array": ("a", "dtype"),
    "from_list": ("a",),
    "asarray": ("a", "dtype"),
    "ascontiguousarray": ("a",),
    "float64": ("a",),
    "real": ("a",),
    "copy": ("a",),
    "astype": ("a", "dtype"),
    "item": ("a",),
    "zeros": ("shape", "dtype"),
    "ones": ("shape", "dtype"),
    "empty": ("shape", "dtype"),
    "full": ("shape", "fill_value", "dtype"),
    "zeros_like": ("a", "dtype"),
    "ones_like": ("a", "dtype"),
    "empty_like": ("a", "dtype"),
    "full_like": ("a", "fill_value", "dtype"),
    "eye": ("n", "m", "k", "dtype"),
    "identity": ("n", "dtype"),
    "arange": ("start", "stop", "step", "dtype"),
    "linspace": ("start", "stop", "num", "endpoint"),
    **dict.fromkeys(("hanning", "hamming", "blackman", "bartlett"), ("M",)),
    "shape": ("a",),
    "size": ("a",),
    "ndim": ("a",),
    "array_equal": ("a", "b"),
    **dict.fromkeys((f"fft.{name}" for name in TRANSFORMS), ("a", "n", "axis", "norm")),
    **dict.fromkeys((f"fft.{name}" for name in PLANE_TRANSFORMS), ("a", "s", "axes", "norm")),
    "fft.fftshift": ("a", "axes"),
    "fft.ifftshift": ("a", "axes"),
    "fft.fftfreq": ("n", "d"),
    "fft.rfftfreq": ("n", "d"),
    "allclose": ("a", "b"),
}
#: Methods that take a tuple item by item.
SPREAD = {"reshape": "shape", "transpose": "axes"}
#: Methods that are functions element by element.
OF_ELEMENTS = frozenset({"clip", "round", "conj", "conjugate"})
#: What the same function is called elsewhere in NumPy.
ALIASES = {"amax": "max", "amin": "min", "absolute": "abs", "asanyarray": "asarray"}
#: What arrays have as methods; their first parameter is the array.
METHODS = frozenset(
    [
        "sum",
        "mean",
        "prod",
        "max",
        "min",
        "any",
        "all",
        "argmax",
        "argmin",
        "var",
        "std",
        "cumsum",
        "cumprod",
        "dot",
        "trace",
        "diagonal",
        "take",
        "argsort",
        "reshape",
        "ravel",
        "flatten",
        "transpose",
        "swapaxes",
        "squeeze",
        "repeat",
        "copy",
        "astype",
        "item",
    ]
)


#: Methods that are functions of NumPy of the same name.
AS_FUNCTIONS = frozenset(["nonzero", "choose", "compress", "searchsorted", "argpartition", "put"])
#: Methods that are lowered as something else.
OTHER_METHODS = AS_FUNCTIONS | {"fill", "flat", "tolist", "view", "sort", "partition"}

#: Parameters that only whole numbers can be given for.
WHOLE = frozenset(
    [
        *("axis", "axis1", "axis2", "axes", "source", "destination", "shape", "reps", "repeats"),
        *("shift", "pad_width", "k", "n", "m", "offset", "indices", "obj", "kth", "num", "ddof"),
        *("window_shape", "edge_order", "minlength"),
    ]
)


def name_of(op: Op) -> str | None:
    """The name of the function of NumPy, or of the method of an array, that is called."""
    if op.primitive is QUERY and op.args and op.args[0].type.kind == "Array":
        return str(op.attribute.name)
    if op.primitive is PURE_CALL:
        found = getattr(op.attribute, "numpy", None)
        return found if isinstance(found, str) else None
    return None


def arguments_of(op: Op) -> dict[str, Given]:
    """What a call gives for each parameter that it gives something for, but ``keepdims=False``.

    Of ``x.reshape(2, 3)`` the shape is a tuple of the two.
    """
    name = name_of(op)
    assert name is not None
    parameters = SIGNATURES[name]
    keywords = op.attribute.keywords
    split = len(op.args) - len(keywords)
    found: dict[str, Given] = {}
    if name in SPREAD and split > 2:
        found = {"a": op.args[0], SPREAD[name]: op.args[1:split]}
    else:
        for parameter, atom in zip(parameters, op.args[:split], strict=False):
            assert parameter is not None
            found[parameter] = atom
    found.update(zip(keywords, op.args[split:], strict=True))
    usual = {"keepdims": False, **({"axis": None} if name in ("cumsum", "cumprod") else {})}
    return {key: atom for key, atom in found.items() if not _is_usual(usual, key, atom)}


def _is_usual(usual: dict[str, bool | None], parameter: str, atom: Given) -> bool:
    """Whether an argument says what is meant where it is left out."""
    return parameter in usual and isinstance(atom, Const) and atom.value == usual[parameter]
