"""Data: where the runs came from, which count and why, how each column was read, and downloads."""

from lib.ui.shell import show_section

show_section("data")
