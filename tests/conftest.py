"""Every test runs with the verifier of the IR between the stages of the compiler."""

from collections.abc import Callable, Iterator
from functools import wraps

import pytest

from sourcediff import general, specialise, whole_road
from sourcediff.errors import DifferentiationError
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
        patch.setattr(general, "lower_faithfully", verified(general.lower_faithfully))
        patch.setattr(whole_road, "gradient", verified(whole_road.gradient))
        patch.setattr(general, "legible", verified(general.legible))
        patch.setattr(pullback, "whole_pullback", verified(pullback.whole_pullback))
        whole = verified(pushforward.whole_pushforward)
        patch.setattr(pushforward, "whole_pushforward", whole)
        yield


def verified(stage: Callable[..., Function]) -> Callable[..., Function]:
    @wraps(stage)
    def run_and_verify(*args: object, **kwargs: object) -> Function:
        return verify(stage(*args, **kwargs))

    return run_and_verify


#: Files of tests of the general road.
GENERAL = (
    "test_general.py",
    "test_errors.py",
    "test_internal_errors.py",
    "test_whole_vjp.py",
    "test_whole_jvp.py",
)


@pytest.fixture(autouse=True)
def refusals_are_of_the_clean_road(request: pytest.FixtureRequest) -> None:
    """A test of what is refused looks at the clean road, but for those of the general one."""
    path = request.node.path.name
    if "refused" in request.node.name and path not in GENERAL:
        request.getfixturevalue("clean_road_only")


@pytest.fixture
def clean_road_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the clean road refuses stays refused, so that a test can look at why."""

    def refuse(road: object, given: object, reason: DifferentiationError, *_: object) -> None:
        raise reason.with_traceback(None)

    monkeypatch.setattr(whole_road.Road, "for_values", refuse)
    monkeypatch.setattr(whole_road.Road, "for_kinds", refuse)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the files of tests/golden anew from what is generated now",
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))
