"""Reverse mode itself: the sweep, what it knows of adjoints, and the chain rule."""
