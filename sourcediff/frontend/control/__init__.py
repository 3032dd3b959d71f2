"""Lowering of branches, loops and exceptions: how control goes, and what is bound where."""
