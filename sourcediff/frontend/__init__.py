"""From a Python function to the IR: find its source, resolve its names, lower it."""
