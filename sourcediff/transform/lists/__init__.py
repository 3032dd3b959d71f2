"""Derivatives of lists: what is put into them, read from them, changed in place."""
