"""Random programs on arrays that are looked at, aliased and written to; what their gradients are.

    python -m tests.views --seed 1 --count 500

Every program is differentiated at three points (of arrays that lie in one piece, of arrays that do
not, with loops of no turns): the value is that of the function to the last bit, the gradient is
held against central differences, the second order against differences of the first, the pullback
against the gradient, and what was handed in must be as before. The table says of each construct in
how many programs it was, and which road took them; then why programs were refused.  What differs
is printed with its source and the number that ``--start`` repeats.

With ``--compositions`` the programs are random compositions of the functions of NumPy instead,
with ``--or-none`` such as keep arrays that may be None.

``writer.py`` with ``statements.py`` and ``expressions.py`` writes a program, ``constructs.py`` says
what is in one, ``judge.py`` holds one against the references, ``command.py`` runs many.
"""

from tests.views.compositions import composed
from tests.views.judge import DEFECTS, Verdict, judged
from tests.views.or_none import with_none
from tests.views.writer import written

__all__ = ["DEFECTS", "Verdict", "composed", "judged", "with_none", "written"]
