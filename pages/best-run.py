"""Best run: its value and hyperparameters, where it stands among the runs, and which runs are as good."""

from lib.ui.shell import show_section

show_section("best-run")
