"""Learning curves: how the best runs learned against the rest, overfitting, and how early the ranking was known."""

from lib.ui.shell import show_section

show_section("learning-curves")
