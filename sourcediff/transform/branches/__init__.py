"""Branches and attempts: what is under one test, and what only some ways define."""
