"""``python -m tests.language``: see ``tests.language.command``."""

import resource
import sys

from tests.language.command import main
from tests.language.engine import SOURCEDIFF

# A program that was made smaller may fill the memory before its time is up.
MEMORY = 4 * 2**30

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.exit(main(sys.argv[1:], SOURCEDIFF))
