"""Trade-off: the objective against a second metric, the runs that no other beats in both, and what trades them."""

from lib.ui.shell import show_section

show_section("trade-off")
