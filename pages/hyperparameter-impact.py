"""Hyperparameter impact: discrete and categorical ones level by level, then continuous ones along their range."""

from lib.ui.shell import show_section

show_section("hyperparameter-impact")
