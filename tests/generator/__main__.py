"""``python -m tests.generator``: see ``tests.generator.command``."""

import sys

from tests.engine import SOURCEDIFF
from tests.generator.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], SOURCEDIFF))
