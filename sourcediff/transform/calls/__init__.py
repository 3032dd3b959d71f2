"""Calls that stay calls: recursive functions, large ones, and pullbacks made by `vjp`."""
