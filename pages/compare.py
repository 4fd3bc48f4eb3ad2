"""Compare: several sweeps side by side: what they reached, at what effort, and what they searched."""

from lib.ui.shell import show_section

show_section("compare")
