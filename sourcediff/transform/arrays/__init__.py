"""Derivatives of NumPy arrays: contributions, shapes, places, writes."""
