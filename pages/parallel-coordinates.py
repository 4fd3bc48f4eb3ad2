"""Parallel coordinates: all runs at once, one axis a hyperparameter, the objective last; brush axes to keep runs."""

from lib.ui.shell import show_section

show_section("parallel-coordinates")
