"""What to do with the best run: use it, repeat it, and where it stands by other measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.analysis.best import another_is_better
from lib.model.numbers import count, interval, listing, number, percent

if TYPE_CHECKING:
    from lib.analysis.replicate import Replication
    from lib.results.report import Report


def settle_sentence(found: Replication) -> str:
    """Say which runs to repeat, how often, and what is known afterwards."""
    times = listing([f"{one.name} ({one.times} times)" for one in found.repeats])
    if found.settled:
        return f"The winner is clear; {count(found.runs, 'run')} would measure it: repeat {times}."
    text = f"{count(found.runs, 'run')} would show which configuration is best: repeat {times}."
    if found.power is not None and found.within is not None:
        text += (
            f" With {percent(found.power)} probability the one with the best mean is then the best of them, or within "
            f"{number(found.within, 2)} of it."
        )
    return text


def use_sentence(report: Report) -> str:
    """Say which configuration to use, by the highest expected mean; "" where nothing is known of it."""
    best = report.best_run
    if best is None or best.recommended is None:
        return ""
    use, metric = best.recommended, report.population.objective.metric
    if use.run_id == best.run_id:
        return f"If you use one configuration now, use this one: no other is expected to give a better {metric}."
    if not another_is_better(best):
        return (
            f"If you use one configuration now, use this one or that of {use.name} (expect {number(use.expected)}): "
            "what both are expected to give differs by less than noise can show."
        )
    expected = f"{number(use.expected)} (95% interval {interval(*sorted((use.low, use.high)))})"
    return (
        f"If you use one configuration now, use that of {use.name}: repeated, expect a {metric} of {expected}, "
        f"which is better than what {best.name} would give, although the run itself reached only {number(use.value)}."
    )


def check_sentences(report: Report) -> list[str]:
    """Say where the best run stands by a test metric, by the other rule of a run's value, and along its training."""
    checks, best = report.winner_checks, report.best_run
    if checks is None or best is None:
        return []
    said = []
    if (test := checks.on_test) is not None:
        there = "best there too" if test.rank == 1 else f"place {test.rank:,} of {test.of:,}"
        text = f"On {test.metric} it reached {number(test.value)}: {there}"
        said.append(
            f"{text}." if test.rank == 1 else f"{text}; the best there is {test.best_name}, {number(test.best_value)}."
        )
    if (other := checks.by_rule) is not None:
        if other.same:
            said.append("It is the best by the last and by the best value that each run logged.")
        else:
            said.append(
                f"By each run's last value {other.last_name} is the best ({number(other.last_value)}), by its best "
                f"value {other.best_name} ({number(other.best_value)})."
            )
    if (end := checks.at_end) is not None:
        place = f"Its best value was logged at {number(end.place)} of {number(end.length)}"
        said.append(
            f"{place}, at the end of its training, as in {percent(end.late_share)} of the runs: longer training may "
            "help it."
            if end.late
            else f"{place}, well before the end: longer training would not have helped it."
        )
    return said
