"""Lowering of calls: what is called, how its arguments match, whether it is entered."""
