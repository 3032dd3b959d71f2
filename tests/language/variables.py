"""Names of the module that functions read and change."""

from tests.language.kinds import NUMBER, NUMBERS
from tests.language.writer import Block, Writer, details, statement

details("global constant", "global list")


def write_globals(w: Writer) -> None:
    """Adds global names to the module; that a function binds one is outside of the language."""
    if w.may("global constant", 0.3):
        w.module.append(f"GAIN = {w.choices.choose(['0.5', '1.75', '-2', 'math.pi / 2'])}")
        w.module_names["GAIN"] = NUMBER
    if w.may("global list", 0.1):
        w.module.append("LEVELS = [0.5, 1.5, -1.0]")
        w.module_names["LEVELS"] = NUMBERS
    w.module += ["", ""]


@statement("global list changed", 4, lambda w: "LEVELS" in w.module_names)
def change_levels(w: Writer) -> Block:
    return Block([f"LEVELS[{w.choices.choose(['0', '1', '-1'])}] += {w.value(NUMBER)}"])
