"""Complex numbers, as pairs of real ones: what is lowered of them, and what of it is real."""
