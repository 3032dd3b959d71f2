"""Every test runs with the verifier of the IR between the stages of the compiler."""

from collections.abc import Callable, Iterator
from functools import wraps

import pytest

from sourcediff import specialise
from sourcediff.ir import Function
from sourcediff.modes import pullback, pushforward
from sourcediff.verify import verify

# The passes as these modules call them, from the front end to the back end.
STAGES = {
    specialise: (
        "lower_function",
        "optimise_primal",
        "differentiate",
        "optimise_derivative",
        "settle",
    ),
    pushforward: ("push_forward", "optimise_derivative"),
    pullback: ("seed_pullback", "optimise_derivative"),
}


@pytest.fixture(autouse=True, scope="session")
def verified_stages() -> Iterator[None]:
    """Checks what each stage hands to the next; in users' calls that would cost too much."""
    with pytest.MonkeyPatch.context() as patch:
        for module, names in STAGES.items():
            for name in names:
                patch.setattr(module, name, verified(getattr(module, name)))
        yield


def verified(stage: Callable[..., Function]) -> Callable[..., Function]:
    @wraps(stage)
    def run_and_verify(*args: object, **kwargs: object) -> Function:
        return verify(stage(*args, **kwargs))

    return run_and_verify


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the files of tests/golden anew from what is generated now",
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))
