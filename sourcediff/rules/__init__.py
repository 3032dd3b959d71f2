"""The tables of derivatives; importing this package fills them."""

from __future__ import annotations

from sourcediff.rules import builtin_functions, mathematics, operators  # noqa: F401 - fills the table
from sourcediff.rules.table import RULES, Rule, primitive_of, rule

__all__ = ["RULES", "Rule", "primitive_of", "rule"]
