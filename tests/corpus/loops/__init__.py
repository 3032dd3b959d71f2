"""Programs of loops and calls, as ordinary users write them, one file for each theme.

``registry.py`` says what an entry is, ``table.py`` has all of them; ``tests/test_loop_corpus.py``
holds their gradients against the tape, differences and published figures.
"""
