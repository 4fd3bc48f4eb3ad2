"""Overview: what was searched, how, for what; how many runs of each state; the objective over time."""

from lib.ui.shell import show_section

show_section("overview")
