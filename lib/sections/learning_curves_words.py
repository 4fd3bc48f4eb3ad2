"""The sentences about learning curves, overfitting, runs that ended early, and early stopping."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lib.analysis.learning_curves import why_unavailable
from lib.analysis.sweep_yaml import written
from lib.model.numbers import coefficient, count, number, percent
from lib.sections.learning_curves_tables import axis_word
from lib.sections.objective import value_words
from lib.statistics.moments import quartiles

if TYPE_CHECKING:
    from lib.analysis.early_stopping import EarlyStopping
    from lib.analysis.learning_curves import Gap, LearningCurves
    from lib.results.report import Report

_FALLEN = 0.05


def learning_curves_headline(report: Report) -> str:
    """Say where the best run peaked, or why there is no curve."""
    why, learned = why_unavailable(report.population), report.learning_curves
    objective = report.population.objective
    if why is not None:
        return why
    if learned is None:
        return (
            f"The runs logged no {objective.metric} step by step, so it has no learning curve; "
            "the metrics that have one can be chosen below."
        )
    word, best = axis_word(learned.curves.steps.axis), int(report.population.best_first[0])
    name = report.population.runs["name"].iloc[best]
    text = f"{name} has the best {objective.metric}"
    if np.isfinite(learned.best_place[best]):
        last = learned.last_place[report.population.rows[best]]
        text += f" and logged its own {objective.best_word}, {value_words(report, float(learned.best_value[best]))}, "
        text += f"at {word} {number(float(learned.best_place[best]))} of {number(float(last))}"
    return text + "."


def learning_curves_evidence(report: Report) -> str | None:
    """Say by when half of the runs were at their best; None where fewer than two have a curve."""
    learned = report.learning_curves
    if learned is None or why_unavailable(report.population) is not None:
        return None
    known = learned.best_place[np.isfinite(learned.best_place)]
    if known.size < 2:
        return None
    objective, word = report.population.objective, axis_word(learned.curves.steps.axis)
    return f"Half of the runs had their {objective.best_word} by {word} {number(float(np.median(known)))}."


def ranking_sentence(report: Report) -> str:
    """Say how early the final ranking could have been known."""
    ranks, learned = report.rank_curve, report.learning_curves
    if ranks is None or learned is None or not np.isfinite(ranks.coefficient).any():
        return "Too few runs with a history to say how early the final ranking could have been known."
    word, known = axis_word(learned.curves.steps.axis), ranks.known_from
    at = int(np.searchsorted(ranks.places, (ranks.places[0] + ranks.places[-1]) / 2))
    text = "The final ranking was known (Spearman's 95% interval above 0.8) only at the end"
    if known is not None and known < ranks.places[-1]:
        text = f"The final ranking was known (Spearman's 95% interval above 0.8) from {word} {number(known)} on"
    if np.isfinite(ranks.coefficient[at]):
        text += f"; halfway, at {word} {number(float(ranks.places[at]))}, the correlation with it was "
        text += f"{coefficient(float(ranks.coefficient[at]))}"
    return text + "."


def early_stopping_sentence(report: Report) -> str:
    """Say which rule would stop weak runs of the next sweep early, or that these runs support none."""
    rule, learned = report.early_stopping, report.learning_curves
    declared = report.overview.early_terminate
    if declared:
        return (
            f"The sweep's own rule ({declared}) stopped weak runs early; its runs can't show what another rule would "
            "do."
        )
    if rule is None or learned is None:
        return (
            "These runs support no early stopping: no rule saves a tenth of the training steps and keeps the best "
            "run and 8 in 10 of the best ones."
        )
    place = f"{axis_word(learned.curves.steps.axis)} {number(rule.place)}"
    return f"Stop weak runs of the next sweep early: Hyperband from {place} on. {rule.why}"


def stopped_sentence(report: Report, learned: LearningCurves) -> str:
    """Say how many runs ended before the common length, or that there is none."""
    word = axis_word(learned.curves.steps.axis)
    if learned.length is None:
        return "The runs have no common length, so none of them is said to have ended early."
    known = int(np.isfinite(learned.last_place).sum())
    if not len(learned.stopped):
        runs = count(known, "run")
        return f"No run ended early: each of {runs} with a history went on to {word} {number(learned.length)}."
    states = report.sweep.runs["state"].iloc[learned.stopped].value_counts()
    said = ", ".join(f"{number_of:,} {state}" for state, number_of in sorted(states.items()))
    return (
        f"{len(learned.stopped):,} of {count(known, 'run')} with a history ended before {word} "
        f"{number(learned.length)}, where most do: {said}."
    )


def gap_sentence(report: Report, gap: Gap) -> str:
    """Say how large the gap is at the runs' end, in most and in the best run, and how many fell from their best."""
    known = gap.last[np.isfinite(gap.last)]
    if not known.size:
        return f"No run logged both {gap.pair.trained} and {gap.pair.held_out} to the end."
    low, median, high = quartiles(known)
    worse = "worse" if median >= 0 else "better"
    text = (
        f"At the end of the runs {gap.pair.held_out} is {worse} than {gap.pair.trained} by {number(abs(median), 2)} "
        f"(median; the middle half {number(low, 2)} to {number(high, 2)})"
    )
    best = int(report.population.best_first[0])
    if np.isfinite(gap.last[best]):
        text += f"; in the best run by {number(float(gap.last[best]), 2)}"
    fallen, reach = _fallen(gap)
    return text + (
        f". In {percent(fallen)} of the runs {gap.pair.held_out} ended worse than its best by more than "
        f"{number(reach, 2)} (a twentieth of the range in which the runs' last values lie)."
    )


def _fallen(gap: Gap) -> tuple[float, float]:
    """Return the share of runs that fell by more than a twentieth of the held-out metric's range, and that fall."""
    known = gap.fallen[np.isfinite(gap.fallen)]
    reach = _FALLEN * gap.span
    return (float(np.mean(known > reach)) if known.size else 0.0), reach


def early_terminate_yaml(rule: EarlyStopping) -> str:
    """Return the rule as it goes into a sweep config."""
    return written({"early_terminate": rule.config}, (), {})
