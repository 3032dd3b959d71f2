"""Programs in all of everyday Python: loops, containers, objects, exceptions, closures.

``registry.py`` says what an entry is, ``table.py`` has all of them, ``trees.py`` compares and
shifts structured arguments.
"""
