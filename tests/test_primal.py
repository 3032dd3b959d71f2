"""A function on its way into the IR and back: the same behaviour, the same look.

The interpreter of the IR and the text that is written again are held against Python on every
program of the corpus: result, exception, output, and what became of the arguments.
"""

import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sourcediff import DifferentiationError
from sourcediff.ir import Function
from sourcediff.primal import Primal
from sourcediff.verify import verify
from tests.corpus.whole.registry import Case, WholeProgram
from tests.corpus.whole.table import CASES, PROGRAMS
from tests.corpus.whole.trees import snapshot
from tests.fidelity import UNCHANGED, definition, entries, measured

FOLDER = Path(__file__).parent / "golden_primal"

# The programs that are refused, and a word of the reason. A shorter list is welcome.
REFUSED = {
    "finance.asian_call": "generator",
    "inherit.total_mass": "this list holds a Disc and a Plate",
    "inherit.dew_point_change": "runs code of Celsius",
    "inherit.container_protocol": "sum() over a Samples",
    "inherit.sum_of_iterator": "a loop over a Countdown",
    "inherit.within_context": "whose __exit__ looks at the exception",
    "records.propagate": "computed name",
    "records.dose_response": "argument 'config'",
    "records.update_by_key": "argument 'params'",
    "learning.gru_states": "generator",
    "recursion.binary_tree": "a number or None",
    "recursion.evaluate": "argument 'tree'",
    "recursion.nested_sum": "argument 'tree'",
    "exceptions.newton_or_best": "the attribute 'best'",
    "exceptions.safe_ratio": "argument 'a'",
    "closures.pipeline": "a tuple of 4 that holds functions",
    "closures.decorated_inside": "the attribute 'calls'",
    "closures.dispatch": "get()",
    "closures.windowed": "generator",
    "closures.endless_generator": "generator",
    "closures.accumulated": "accumulate()",
    "closures.coroutine_average": "generator",
    "control.turtle": "argument 'commands'",
    "control.measure": "argument 'shape'",
    "control.every_kind_of_argument": "as keywords",
    "control.complex_orbit": "complex",
}

_primals: dict[str, Primal | DifferentiationError] = {}


def primal_of(program: WholeProgram) -> Primal:
    """The program, lowered for all of its arguments; skips one that is refused."""
    found = _primals.get(program.name)
    if found is None:
        try:
            found = Primal(program.function, *[case.args() for case in program.cases()])
        except DifferentiationError as refusal:
            found = refusal
        _primals[program.name] = found
    if isinstance(found, DifferentiationError):
        assert program.name in REFUSED, found
        pytest.skip(f"refused: {found.msg}")
    return found


def seen(call: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, str]:
    """All that can be seen of a call: what it gives or raises, its arguments, its output."""
    output = io.StringIO()
    outcome: tuple[Any, ...]
    with contextlib.redirect_stdout(output):
        try:
            outcome = ("returned", call(*args))
        except Exception as error:
            outcome = ("raised", type(error).__name__, error.args)
    return snapshot((outcome, args)), output.getvalue()


each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)


@each_case
def test_the_interpreter_does_what_python_does(case: Case) -> None:
    primal = primal_of(case.program)
    assert seen(primal.interpret, case.args()) == seen(case.program.function, case.args())


@each_case
def test_what_is_written_does_what_python_does(case: Case) -> None:
    primal = primal_of(case.program)
    assert seen(primal.call, case.args()) == seen(case.program.function, case.args())


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_the_form_in_between_is_well_formed(program: WholeProgram) -> None:
    function = primal_of(program).function
    assert isinstance(verify(function), Function)


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_says_what_it_refuses(name: str) -> None:
    (program,) = [p for p in PROGRAMS if p.name == name]
    with pytest.raises(DifferentiationError) as refusal:
        Primal(program.function, *[case.args() for case in program.cases()])
    assert REFUSED[name] in str(refusal.value.msg)


def test_most_functions_come_back_as_they_went_in() -> None:
    results = [measured(entry) for entry in entries()]
    written = [result for result in results if result.before and result.after]
    unchanged = [result for result in written if result.kind == UNCHANGED]
    share = len(unchanged) / len(written)
    print(f"{len(unchanged)} of {len(written)} come back unchanged: {share:.1%}")
    assert len(written) > 300
    assert share > 0.85


# Golden files -----------------------------------------------------------------------------

GOLDEN = """
    hard.escape_sum hard.damped_newton hard.log_det_by_cholesky hard.grow_and_pop
    hard.push_particles hard.logistic_map hard.tree_walk hard.guarded_root hard.counted
    hard.last_power hard.last_term hard.chase hard.relax hard.insert_above hard.scale_rows
    loops.horner loops.newton_sqrt loops.newton_with_limit loops.lentz loops.agm loops.kepler
    loops.bessel_j loops.escape_time loops.rosenbrock
    odes.rk4_logistic odes.lorenz_rk4 odes.n_body odes.sir_peak odes.heat
    linear.solve_with_pivoting linear.gauss_seidel linear.natural_spline linear.levinson
    finance.black_scholes finance.binomial_call finance.bond_yield finance.garch_likelihood
    classes.bank_account classes.pid_cost classes.charged_particle
    inherit.linked_list inherit.dual_numbers
    records.two_tanks records.polygon
    probability.kalman_track probability.hmm_forward probability.k_means_objective
    learning.mlp_loss learning.attention learning.momentum_descent
    recursion.adaptive_simpson recursion.ackermann_like recursion.quicksort_moments
    exceptions.sum_of_roots exceptions.with_else_and_finally exceptions.retry_smaller
    exceptions.nested_try
    mutation.prefix_sums mutation.ring_buffer mutation.slices_written mutation.upwind
    closures.two_counters closures.callback_stops closures.late_binding
    control.while_else control.walrus_loop control.printed_progress control.best_two
    dynamic.soft_edit_distance dynamic.knapsack
""".split()


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str, update_golden: bool) -> None:
    (program,) = [p for p in PROGRAMS if p.name == name]
    actual = primal_of(program).source
    path = FOLDER / f"{name.replace('.', '_')}.py"
    if update_golden:
        FOLDER.mkdir(exist_ok=True)
        path.write_text(actual, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == actual, "pytest --update-golden accepts it"


def test_there_are_as_many_golden_files_as_promised() -> None:
    files = {path.name for path in FOLDER.iterdir() if path.suffix == ".py"}
    assert files == {f"{name.replace('.', '_')}.py" for name in GOLDEN}
    assert len(files) >= 60


def test_a_function_without_decorators_is_what_is_compared() -> None:
    (program,) = [p for p in PROGRAMS if p.name == "loops.horner"]
    assert getattr(definition(program.function), "decorator_list", None) == []
