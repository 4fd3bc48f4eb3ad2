"""Summary: which run was best, what mattered, where to search next, and whether to go on."""

from lib.ui.shell import show_section

show_section("summary")
