"""Best run: its value and hyperparameters, where it stands among the runs, and which runs are tied with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lib.analysis.population import text_of_level
from lib.charts.distribution import distribution_chart
from lib.charts.picks import ranges
from lib.model.numbers import count, interval, listing, number
from lib.sections.blocks import (
    Blocks,
    Chart,
    Code,
    Heading,
    Headline,
    Metric,
    Note,
    Row,
    Table,
    Tabs,
    Text,
    Tip,
    WebAddress,
)
from lib.sections.config_text import as_python, as_yaml
from lib.sections.run_tables import used_runs_table

if TYPE_CHECKING:
    from lib.results.report import Report

MOST_TIED_WRITTEN = 50


def build(report: Report) -> Blocks:
    """Yield the section."""
    best, objective = report.best_run, report.population.objective
    yield Headline(best_run_headline(report))
    if best is None:
        return
    noise = number(best.noise.sd) if best.noise else "–"
    yield Row(
        (
            Metric("Value", number(best.value), repr(best.value)),
            Metric("Expected if repeated", number(best.expected), "Allowing for luck, by what the other runs say."),
            Metric("Run-to-run noise", noise, "The standard deviation between runs of one configuration."),
            Metric("Other runs tied with it", f"{len(best.tied_run_ids):,}"),
        )
    )
    yield Text(noise_sentence(report))
    if best.url:
        yield WebAddress("Open the run on W&B", best.url)

    yield Heading("Where it stands")
    values = report.population.values
    yield Chart(
        "distribution",
        "Where the best run stands",
        f"Histogram of {objective.metric} over {len(values)} runs; the best, {number(best.value)}, is marked.",
        distribution_chart,
        (values, best.value, tie_end(report), objective),
        live={"pickable": True},
        reader=ranges(x=(objective.metric, values)),
    )
    yield Tip("Drag along the chart to keep the runs of a range on every page.")

    repeated = repeats_sentence(report)
    if repeated:
        yield Heading("Repeats")
        yield Text(repeated)
        yield Table(
            "repeats", "Configurations that were run more than once, best mean first", lambda: repeats_table(report)
        )
        yield Note("The interval is of the mean, by Student's t from the configuration's own runs.")

    yield Heading("Its hyperparameters")
    yield Tabs(
        ("YAML", "Python"),
        (
            Code(as_yaml(best.parameters, best.fixed), "yaml"),
            Code(as_python(best.parameters, best.fixed), "python"),
        ),
    )
    yield Heading("Its metrics")
    yield Table("best-run-metrics", "All metrics of the best run", lambda: metrics_table(report))

    yield Heading("Its tie set")
    yield Table(
        "tie-set",
        "Runs that are statistically tied with the best",
        lambda: tie_table(report),
        run_ids=lambda: [best.run_id, *best.tied_run_ids],
        head=lambda most: tie_table(report, most),
        rows=len(best.tied_run_ids) + 1,
        written=MOST_TIED_WRITTEN,
    )
    rule = tie_note(report)
    if rule:
        yield Note(rule)


def best_run_headline(report: Report) -> str:
    """Say which run is best, by how much, and how many are tied with it."""
    best, objective = report.best_run, report.population.objective
    if best is None:
        return "No run has a usable value of the objective, so there is no best run."
    text = f"{best.name} reached {objective.metric} {number(best.value)}, the {objective.best_word} of "
    text += f"{count(report.population.ledger.used, 'run')}"
    if best.noise is None:
        return text + "; too few runs to say how much of that is luck."
    if not best.tied_run_ids:
        return text + f", by more than run-to-run noise ({number(best.noise.sd)}) explains."
    tied = len(best.tied_run_ids)
    are = "is" if tied == 1 else "are"
    return text + f"; {count(tied, 'other run')} {are} statistically tied with it, given run-to-run noise."


def noise_sentence(report: Report) -> str:
    """Say how the noise of one run was estimated, and what that means for the best value."""
    best = report.best_run
    if best is None or best.noise is None:
        return "With fewer than three usable runs, the noise of one run can't be estimated."
    noise = best.noise
    how = {
        "repeats": f"measured between {count(noise.runs, 'run')} that repeat {count(noise.groups, 'configuration')}",
        "surrogate": "what a model of the runs leaves unexplained at the best run",
        "spread": "nearly the spread of all runs, since a model of them predicts none of it",
        "bound": "the spread of all runs, an upper bound: too few to predict one from the others",
    }[noise.source]
    text = f"One run of a configuration varies by about {number(noise.sd)} (standard deviation; {how})."
    if best.expected is not None:
        text += (
            f" The best of many runs is partly lucky: if this one is repeated, expect about {number(best.expected)} "
            f"(95% interval {interval(best.expected_low, best.expected_high)})."
        )
    return text


def repeats_sentence(report: Report) -> str | None:
    """Say which configuration is best by its mean, beside the best single run; None where none was repeated."""
    found = report.repeats
    if found is None:
        return None
    first = found.configurations[0]
    aside = f" (differing in {listing(list(found.differ_in))})" if found.differ_in else ""
    text = (
        f"{count(len(found.configurations), 'configuration')} {'was' if len(found.configurations) == 1 else 'were'} "
        f"run more than once{aside}, {count(found.runs, 'run')} in all; within one, runs vary by {number(found.sd)} "
        f"(pooled standard deviation). Best by mean: {number(first.mean)} over {count(first.count, 'run')} "
        f"(95% interval {interval(first.ci_low, first.ci_high)})."
    )
    best = report.best_run
    if best is None:
        return text
    text += f" Best by luck: {best.name}, {number(best.value)}"
    if found.of_best is None:
        return f"{text}, a configuration that was run once."
    if found.of_best is first:
        return f"{text}, a run of that same configuration."
    return f"{text}, whose configuration has the mean {number(found.of_best.mean)}."


def tie_end(report: Report) -> float | None:
    """Return the worst value in the tie set; None where the best has no rivals."""
    best = report.best_run
    if best is None or not best.tied_run_ids:
        return None
    return float(report.population.values[best.tied[-1]])


def tie_note(report: Report) -> str | None:
    """Say by what rule runs are in the tie set."""
    best = report.best_run
    if best is None or best.noise is None:
        return None
    return (
        "With 95% confidence the truly best of these configurations is among the best run and its tie set, "
        "given the run-to-run noise stated above."
    )


def repeats_table(report: Report) -> pd.DataFrame:
    """One row a configuration that was run more than once, best mean first: count, mean, 95% interval, std, best."""
    if report.repeats is None:
        return pd.DataFrame()
    return pd.DataFrame(
        [
            {
                "configuration": ", ".join(f"{name} {number(value)}" for name, value in c.parameters.items()),
                "runs": c.count,
                "mean": c.mean,
                "95% from": c.ci_low,
                "95% to": c.ci_high,
                "std": c.sd,
                "best": c.best,
            }
            for c in report.repeats.configurations
        ]
    )


def metrics_table(report: Report) -> pd.DataFrame:
    """One row a metric of the best run, in order of name."""
    best = report.best_run
    rows = [
        {"metric": name, "value": number(value), "in full": text_of_level(value)}
        for name, value in (best.metrics if best else {}).items()
    ]
    return pd.DataFrame(rows, columns=["metric", "value", "in full"])


def tie_table(report: Report, most: int | None = None) -> pd.DataFrame:
    """One row a run of the tie set, the best first: name, objective, searched parameters, address.

    most : how many runs at most; None for all.
    """
    best = report.best_run
    rows = [*report.population.best_first[:1], *best.tied] if best else []
    return used_runs_table(report, np.array(rows[:most], dtype=int))
