"""The words of the report, each explained in a sentence or two; docs/glossary.md is made from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A word and what it means."""

    word: str
    """The word as the report uses it."""
    meaning: str
    """What it means, for somebody who has never seen it."""


def _entries(*pairs: tuple[str, str]) -> tuple[Entry, ...]:
    return tuple(Entry(word, meaning) for word, meaning in sorted(pairs, key=lambda pair: pair[0].casefold()))


GLOSSARY: tuple[Entry, ...] = _entries(
    (
        "adjusted effect",
        "The effect of a hyperparameter when the others are taken into account. It can differ from plain means, "
        "because the values of one hyperparameter were often tried together with certain values of another.",
    ),
    (
        "adjusted p-value",
        "A p-value that allows for how many hyperparameters (or pairs of them) were looked at: among many, one looks "
        "striking by luck alone. The report uses Holm's correction.",
    ),
    (
        "alias",
        "One of several columns that say the same, like a copy or a renaming. They count as one hyperparameter.",
    ),
    (
        "block",
        "A set of runs that share something that is not searched, like a seed, a fold or a sweep. Runs are compared "
        "within a block first, since blocks may differ for their own reasons.",
    ),
    (
        "claim",
        "A statement that a hyperparameter, or a pair of them, moves the objective. The report makes it only where the "
        "evidence holds after correction for everything that was looked at.",
    ),
    (
        "clear, likely, nothing found",
        "How sure a claim is. Clear: the evidence is strong. Likely: it is moderate or weak. Nothing found: these "
        "hyperparameters show no effect, and larger ones than the sentence says are ruled out.",
    ),
    (
        "correlation",
        "How closely two columns go together, from −1 (one falls as the other rises) over 0 (not at all) to 1. Pearson "
        "looks for a straight line, Spearman at the order of the values alone.",
    ),
    (
        "p-value",
        "How probable luck alone makes a difference at least as large as the one seen. Below 0.05 luck is hard to "
        "believe.",
    ),
    (
        "R²",
        "How much of the differences between runs a model predicts, measured on runs that it has not seen: 1 all, 0 "
        "or less nothing.",
    ),
    (
        "configuration",
        "The values of all searched hyperparameters of a run. Several runs may have the same configuration.",
    ),
    (
        "confounded",
        "Two hyperparameters are confounded where the values of one were tried with different values of the other, so "
        "that plain means can't separate their effects.",
    ),
    (
        "copy",
        "A run whose configuration and result are equal to another's to the last digit. It is not evidence of its own: "
        "it tells nothing about noise.",
    ),
    (
        "edge",
        "The end of a searched range. Where the best values lie there, better ones may lie beyond it.",
    ),
    (
        "effect",
        "How much the objective changes with a hyperparameter, adjusted for the other hyperparameters that matter.",
    ),
    (
        "expected if repeated",
        "What to expect of the best configuration if it is run again. It is usually worse than the best value, since "
        "the best of many runs was also lucky.",
    ),
    (
        "gain",
        "How much better the objective becomes between two values of a hyperparameter; always positive, whether the "
        "goal is to maximize or to minimize.",
    ),
    (
        "importance",
        "How much worse a model of the runs predicts the objective when the values of one hyperparameter are shuffled "
        "(permutation importance, on runs that the model has not seen).",
    ),
    (
        "interaction",
        "Two hyperparameters interact where the best value of one depends on the value of the other.",
    ),
    (
        "interval",
        "The range in which the true number lies with a confidence of 95%, if nothing else is said.",
    ),
    (
        "ledger",
        "The account of all runs: how many are used, and how many are left out for which reason.",
    ),
    (
        "level",
        "One of the few values that a discrete or categorical hyperparameter takes, like batch size 16.",
    ),
    (
        "next sweep",
        "The recommended search space, as a W&B sweep config: ranges narrowed to where the best values may lie, "
        "extended where they end too early, and unchanged where these runs say nothing.",
    ),
    (
        "noise",
        "How much the objective varies between runs of one configuration, as a standard deviation.",
    ),
    (
        "objective",
        "The metric that the sweep is run for, the goal (maximize or minimize), and which of a run's values counts: "
        "the last, the best, the mean of the last few, or the one at a step.",
    ),
    (
        "Pareto-optimal",
        "A run is Pareto-optimal for two metrics where no other run is better in one of them and at least as good in "
        "the other.",
    ),
    (
        "recommended range",
        "The part of a hyperparameter's range that the next sweep searches.",
    ),
    (
        "repeat",
        "One of several runs of the same configuration, usually with different seeds. Repeats measure noise.",
    ),
    (
        "scale",
        "How a hyperparameter is spread over its range: linear (equal differences) or log (equal ratios, as for a "
        "learning rate).",
    ),
    (
        "searched",
        "A hyperparameter is searched where the sweep config gives it more than one value, or, without a config, where "
        "it varies between runs. The others are fixed.",
    ),
    (
        "share of the variance",
        "How much of the differences between runs a hyperparameter explains beyond the others: 0% none, 100% all.",
    ),
    (
        "strong, moderate, weak",
        "How sure a finding is, by its adjusted p-value and by how much of the variance it explains. It says nothing "
        "about how useful it is.",
    ),
    (
        "tied",
        "A run is statistically tied with the best where run-to-run noise alone may explain the difference between "
        "them.",
    ),
    (
        "used run",
        "A run that the report counts: in a state that was asked for (finished, by default), with a finite value of "
        "the objective, and not filtered out.",
    ),
)


def glossary_as_markdown(entries: Sequence[Entry] = GLOSSARY) -> str:
    """Return the glossary as a Markdown page."""
    lines = ["# Glossary", "", "The words of the report, as it uses them.", ""]
    for entry in entries:
        lines += [f"**{entry.word}**: {entry.meaning}", ""]
    return "\n".join(lines)
