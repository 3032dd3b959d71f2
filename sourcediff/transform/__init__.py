"""From IR to IR: activity, reverse mode, and what makes the result small."""
