"""Findings and recommendations: what was found, in words with its evidence, and the next sweep to run."""

from lib.ui.shell import show_section

show_section("findings")
