"""Cost: what the runs took, whether longer ones did better, what makes them long, and what ran when."""

from lib.ui.shell import show_section

show_section("cost")
