"""Every test runs with the verifier of the IR between the stages of the compiler."""

from collections.abc import Callable, Iterator
from functools import wraps

import pytest

from sourcediff import specialise
from sourcediff.ir import Function
from sourcediff.verify import verify

# The passes as `sourcediff.specialise` calls them, from the front end to the back end.
STAGES = ("lower_function", "optimise_primal", "differentiate", "optimise_derivative", "settle")


@pytest.fixture(autouse=True, scope="session")
def verified_stages() -> Iterator[None]:
    """Checks what each stage hands to the next; in users' calls that would cost too much."""
    with pytest.MonkeyPatch.context() as patch:
        for name in STAGES:
            patch.setattr(specialise, name, verified(getattr(specialise, name)))
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
