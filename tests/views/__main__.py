"""Run as ``python -m tests.views``."""

import sys

from tests.views.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
