"""Run as ``python -m tests.turns``."""

import sys

from tests.turns.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
