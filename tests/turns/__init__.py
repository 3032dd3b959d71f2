"""Random programs of loops, exits, helpers, recursion and reads of lists; what their gradients are.

    python -m tests.turns --seed 1 --count 500

Every program is differentiated at three points: the gradient is held against the tape and against
differences, the second order against differences of the first, the push-forward against the
gradient, and the code that keeps everything against the code that decides what to keep. What
differs is printed with the number of the program, which ``--start`` repeats.

``writer.py`` with ``statements.py`` and ``expressions.py`` writes a program, ``constructs.py`` says
what is in one, ``judge.py`` holds one against the references, ``command.py`` runs many.
"""

from tests.turns.judge import DEFECTS, POINTS, loaded, verdicts
from tests.turns.writer import written

__all__ = ["DEFECTS", "POINTS", "loaded", "verdicts", "written"]
