"""Interactions: which pairs of hyperparameters act together beyond their single effects, and how."""

from lib.ui.shell import show_section

show_section("interactions")
