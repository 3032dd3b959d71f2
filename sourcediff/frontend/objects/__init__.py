"""Lowering of objects and their attributes: dissolved into variables, or in memory."""
