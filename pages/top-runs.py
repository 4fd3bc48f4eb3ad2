"""Top runs: the best N with their hyperparameters and chosen metrics, and what they have in common."""

from lib.ui.shell import show_section

show_section("top-runs")
