"""Programs of lists, dicts and objects, changed in place, one file for each theme.

An entry is that of the corpus of loops (`tests.corpus.loops.registry`); ``table.py`` has all of
them, and ``tests/test_object_corpus.py`` holds their gradients against the tape and differences, in
every mode.
"""
