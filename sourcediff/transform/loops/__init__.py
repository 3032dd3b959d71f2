"""Loops turned round: what they keep, what is computed again, and how they are written."""
