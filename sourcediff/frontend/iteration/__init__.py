"""Lowering of what is gone through: sequences, iterators, streams of items."""
