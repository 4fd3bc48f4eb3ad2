"""Correlation: Pearson and Spearman with intervals, importance beside them, and the matrix of everything numeric."""

from lib.ui.shell import show_section

show_section("correlation")
