"""Best run: its value and hyperparameters, where it stands among the runs, and which runs are tied with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.analysis.one_run import nearest_runs
from lib.charts.distribution import distribution_chart
from lib.charts.picks import Along, ranges
from lib.findings.corner_and_best import beside_expected
from lib.model.numbers import MISSING, count, interval, listing, number
from lib.sections.best_run_tables import metrics_table, nearest_table, repeats_table, tie_table
from lib.sections.blocks import (
    AppOnly,
    Blocks,
    Card,
    Chart,
    Code,
    Heading,
    Headline,
    Items,
    Method,
    Metric,
    Note,
    Row,
    Table,
    Tabs,
    Text,
    Tip,
    WebAddress,
)
from lib.sections.config_text import as_arguments, as_python, as_yaml
from lib.sections.objective import value_words
from lib.sections.run_tables import ids_at
from lib.sections.settle_words import check_sentences, settle_sentence, use_sentence

if TYPE_CHECKING:
    from lib.results.report import Report

MOST_TIED_WRITTEN = 50


def build(report: Report) -> Blocks:
    """Yield the section."""
    best = report.best_run
    yield Headline(best_run_headline(report), best_run_evidence(report))
    if best is None:
        return
    yield Row((lambda: _its_configuration(report), lambda: _where_it_stands(report)), weights=(1, 1), close=True)
    use = use_sentence(report)
    if use:
        yield Text(use)
    checked = check_sentences(report)
    if checked:
        yield Items(tuple(checked))

    repeated = repeats_sentence(report)
    if repeated:
        yield Heading("Repeats")
        yield Text(repeated)
        yield Table(
            "repeats", "Configurations that were run more than once, best mean first", lambda: repeats_table(report)
        )
        yield Note("The interval is of the mean, by Student's t from the configuration's own runs.")

    if report.population.searched and len(report.population.values) > 1:
        yield Heading("The runs most like it")
        yield Table(
            "nearest-runs",
            "The runs nearest to the best one in configuration",
            lambda: nearest_table(report),
            opens=lambda: ids_at(report, report.once(nearest_runs, int(report.population.best_first[0]))[0]),
        )
        yield Note("Nearest first, by the mean distance over the hyperparameters, each along its scale from 0 to 1.")
    yield AppOnly("ask-model", "It answers what a reader asks.")
    yield Heading("Its metrics")
    yield Table(
        "best-run-metrics",
        "All metrics of the best run, against the other runs",
        lambda: metrics_table(report),
    )

    if not best.tied_run_ids:
        return
    yield Heading("Runs as good as it")
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
        yield Method(rule)


def _its_configuration(report: Report) -> Blocks:
    yield Card("Its configuration", (lambda: _configuration(report),))


def _configuration(report: Report) -> Blocks:
    best = report.best_run
    assert best is not None
    as_written = report.sweep.as_written
    parameters, fixed = (
        {name: as_written(name, value) for name, value in part.items()} for part in (best.parameters, best.fixed)
    )
    yield Tabs(
        ("YAML", "Python", "Command line"),
        (
            Code(as_yaml(parameters, fixed), "yaml"),
            Code(as_python(parameters, fixed), "python"),
            Code(as_arguments(parameters, fixed), "bash"),
        ),
    )
    if best.url:
        yield WebAddress("Open the run on W&B", best.url)
    yield AppOnly("open-best-run", "It opens the run's own view over the page, or the note on it.")
    yield from _settle(report)


def _where_it_stands(report: Report) -> Blocks:
    yield Card("Where it stands", (lambda: _standing(report),))


def _standing(report: Report) -> Blocks:
    best, objective, values = report.best_run, report.population.objective, report.population.values
    assert best is not None
    yield Row(
        (
            Metric("Value", value_words(report, best.value), repr(best.value)),
            Metric(
                "Expected if repeated",
                value_words(report, best.expected),
                "What repeats of it would have on average: the luck of this run is not counted.",
            ),
            Metric(
                "Noise of one run",
                number(best.noise.sd, 2) if best.noise else MISSING,
                "How much runs of one configuration vary, near the best: their standard deviation.",
            ),
            Metric("As good as it", f"{len(best.tied_run_ids):,}", "Other runs that can't be distinguished from it."),
        )
    )
    if len(values) == 1:
        yield Note(noise_sentence(report))
        return
    yield Chart(
        "distribution",
        "Where the best run stands",
        f"Histogram of {objective.metric} over {len(values)} runs; the best, {value_words(report, best.value)}, is "
        "marked.",
        distribution_chart,
        (values, best.value, leaders(report), objective, report.population.rows, report.population.place_values),
        live={"pickable": True},
        reader=ranges(x=Along(objective.metric, values, report.population.objective_scale == "log")),
    )
    yield Tip("Drag along the chart to highlight the runs of a range on every page.")
    yield Note(noise_sentence(report))
    if differs := beside_expected(report):
        yield Note(differs)


def _settle(report: Report) -> Blocks:
    """Yield how to find out which configuration is best, as a sweep to copy."""
    found = report.replication
    if found is None:
        return
    yield Heading("Repeat it", level=2)
    yield Text(settle_sentence(found))
    yield Code(found.to_yaml(), "yaml", folded="The sweep of repeats as YAML")


def best_run_headline(report: Report) -> str:
    """Say which run is best, and its value."""
    best, objective = report.best_run, report.population.objective
    if best is None:
        return f"{report.population.why_no_run}, so there is no best run."
    used = report.population.ledger.used
    which = f"the best of {count(used, 'run')}" if used > 1 else "the only run"
    return f"{best.name} is {which}: {objective.metric} {value_words(report, best.value)}"


def best_run_evidence(report: Report) -> str | None:
    """Say how much of the best run's lead is luck, and how many are tied with it; None without one."""
    best = report.best_run
    if best is None:
        return None
    if best.noise is None:
        return "There are too few runs to say how much of that is luck."
    if not best.tied_run_ids:
        return f"It leads by more than run-to-run noise ({number(best.noise.sd, 2)}) explains."
    tied = len(best.tied_run_ids)
    if best.noise.source == "bound":
        return f"{count(tied, 'other run')} can't be distinguished from it: too few runs show how large noise is."
    return (
        f"{count(tied, 'other run')} {'is' if tied == 1 else 'are'} statistically tied with it, given run-to-run noise."
    )


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
    # Over decades, worse runs vary by far more.
    which = "a configuration as good as this" if report.population.spans_decades else "a configuration"
    text = f"One run of {which} varies by about {number(noise.sd, 2)} (standard deviation; {how})."
    if best.expected is not None:
        text += (
            f" The best of many runs is partly lucky: if this one is repeated, expect about "
            f"{value_words(report, best.expected)} (95% interval {value_words(report, best.expected_low)} to "
            f"{value_words(report, best.expected_high)})."
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
    text += f" Best by luck: {best.name}, {value_words(report, best.value)}"
    if found.of_best is None:
        return f"{text}, a configuration that was run once."
    if found.of_best is first:
        return f"{text}, a run of that same configuration."
    return f"{text}, whose configuration has the mean {number(found.of_best.mean)}."


def leaders(report: Report) -> tuple[int, ...]:
    """Return the positions of the runs that are as good as the best, itself included; none where it has no rivals."""
    best = report.best_run
    return (int(report.population.best_first[0]), *best.tied) if best is not None and best.tied else ()


def tie_note(report: Report) -> str | None:
    """Say by what rule runs are in the tie set."""
    best = report.best_run
    if best is None or best.noise is None:
        return None
    return (
        "With 95% confidence the truly best of these configurations is among the best run and these runs, given the "
        "run-to-run noise stated above."
    )
