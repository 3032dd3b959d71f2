"""Lowering of NumPy: arrays, and calls of its functions."""
