"""The tests, a package so that ``python -m tests.generator`` and pytest import the same names."""
