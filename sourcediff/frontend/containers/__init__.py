"""Lowering of lists, dicts, sets and tuples that stay such."""
