"""``python -m sourcediff`` is the command ``sourcediff``."""

import sys

from sourcediff.cli import main

if __name__ == "__main__":
    sys.exit(main())
