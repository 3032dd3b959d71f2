"""Prints the commands of one marked code block of the README, for ``.ci/run`` to run.

The README marks a fenced block with a comment on a line of its own just before it:

    <!-- ci:test -->
    ```sh
    python -m pytest
    ```

``python .ci/readme_command.py test`` then prints ``python -m pytest``.  As continuous
integration has no other copy of these commands, what the README tells a newcomer to type
is what was run.  A mark that is missing, stands twice or has no block is an error.
"""

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"

BLOCK = r"""
    ^ [ ]{0,3} <!-- [ ]* ci:%s [ ]* --> [ ]* \n     # the mark
    (?: [ ]* \n )*                                  # blank lines
    ^ (?P<fence> `{3,} ) (?: sh|bash|console )? [ ]* \n
    (?P<commands> .*? )
    ^ (?P=fence) [ ]* $
"""


def commands(readme: str, mark: str) -> str:
    """Returns the text of the block that ``<!-- ci:mark -->`` stands before."""
    blocks = [
        match["commands"].strip()
        for match in re.finditer(
            BLOCK % re.escape(mark), readme, re.MULTILINE | re.DOTALL | re.VERBOSE
        )
    ]
    if len(blocks) != 1 or not blocks[0]:
        found = "an empty one" if blocks == [""] else str(len(blocks))
        raise SystemExit(
            f"{README.name}: expected one code block after <!-- ci:{mark} -->, found {found}"
        )
    # A console block shows prompts; what follows them is the command.
    return re.sub(r"^\$ ", "", blocks[0], flags=re.MULTILINE)


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("usage: readme_command.py MARK")
    print(commands(README.read_text(encoding="utf-8"), sys.argv[1]))


if __name__ == "__main__":
    main()
