"""What a report says in words: sentences by registered rules, each with the numbers that it quotes as evidence.

A rule is a function of the report with a kind, a section and a group (`lib.findings.rule`); RULES is the one list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.aliases import alias
from lib.findings.best import best, tie
from lib.findings.budget import budget
from lib.findings.conditionals import conditional
from lib.findings.config_lint import config_lint
from lib.findings.confounding import confounded, together
from lib.findings.data import left_out, missing, no_run, none_levels, unsure_columns, value_decides, zero_apart
from lib.findings.edges import edge
from lib.findings.effects import effect, no_effect
from lib.findings.failures import better_left_out, failing
from lib.findings.inferred_objective import goal_inferred
from lib.findings.interactions import crowded_corner, interaction
from lib.findings.misfits import misfit
from lib.findings.observations import blocks_differ, drift, repeats, unequal_training
from lib.findings.rule import Finding, Rule
from lib.findings.sampler import sampler_bias

if TYPE_CHECKING:
    from lib.results.report import Report

# In the order in which a reader would act on them: first whether the data can be trusted, then the best run and its
# rivals, then what moves the objective (largest gain first) and where ranges end too early, then what qualifies that,
# then what has no visible effect.
RULES: tuple[Rule, ...] = (
    goal_inferred,
    no_run,
    left_out,
    better_left_out,
    failing,
    unequal_training,
    drift,
    repeats,
    blocks_differ,
    missing,
    none_levels,
    unsure_columns,
    config_lint,
    misfit,
    alias,
    conditional,
    zero_apart,
    value_decides,
    best,
    tie,
    crowded_corner,
    effect,
    edge,
    interaction,
    confounded,
    together,
    sampler_bias,
    budget,
    no_effect,
)


def findings_of(report: Report) -> tuple[Finding, ...]:
    """Return all findings of a report, in the order of RULES; worked out once a report."""
    return report.made(_all_findings)


def _all_findings(report: Report) -> tuple[Finding, ...]:
    return tuple(one for rule in RULES for one in rule.findings(report))
