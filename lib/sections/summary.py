"""Summary: which run was best, what mattered and by how much, where to search next, and whether to go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lib.analysis.best import another_is_better
from lib.charts.picks import Along, ranges
from lib.charts.summary import Span, every_run_chart, spans_chart
from lib.findings.data import columns_in_doubt
from lib.findings.inferred_objective import goal_caveat
from lib.model.numbers import MISSING, count, factor, listing, number, percent, signed
from lib.sections.blocks import (
    AppOnly,
    Blocks,
    Card,
    Chart,
    Headline,
    Link,
    Method,
    Metric,
    Note,
    Row,
    RunName,
    Table,
    Text,
)
from lib.sections.effect_words import said_in_times
from lib.sections.gains import MOST_PICTURED, claimed_effects, gains, gains_of, gains_table
from lib.sections.next_space import advice, spans_of
from lib.sections.objective import value_words
from lib.sections.search_space import search_space

if TYPE_CHECKING:
    from lib.results.report import Report

MOST_NAMED = 3
# So many characters of names leave room for the rest of the line below the headline.
_ONE_LINE = 120
IMPACT = "hyperparameter-impact"


def build(report: Report) -> Blocks:
    """Yield the section."""
    yield AppOnly("welcome", "It tells visitors who see the sample how to open their own sweep.")
    yield Headline(summary_headline(report), summary_evidence(report))
    if goal_caveat(report.population.objective, report.sweep.origin.format):
        yield AppOnly("turn-goal", "It turns the goal of the open report; elsewhere --goal does.")
    if not report.population.ledger.used:
        yield Text("Every run was left out, for the reasons that the ledger states.")
        yield Link("data")
        yield from search_space(report)
        return
    yield Row(_cards(report), weights=(1, 1, 1, 1), close=True)
    yield Row((lambda: _what_mattered(report), lambda: _where_next(report)), weights=(1, 1), close=True)
    if report.population.ledger.used > 1:
        yield from _all_runs(report)
    yield Method(
        "What matters is claimed where a rank test, given the other hyperparameters that matter, is below 5% after "
        "Holm's correction. What to expect of the best run is the mean that its repeats would have: from repeats where "
        "there are any, else from a model of the runs (a Gaussian process). A run counts as as good as the best where "
        "it can't be ruled out, with 95% confidence, that it is the best. Whether more runs would help is judged by "
        "the last quarter of them, and by the expected best of as many runs in any order."
    )
    yield from search_space(report)


def summary_headline(report: Report) -> str:
    """Say what decides the sweep and what to do about it, by the claims alone."""
    used = report.population.ledger.used
    if not used:
        return f"{report.population.why_no_run}, so nothing can be found"
    claimed = [e.parameter for e in claimed_effects(report)]
    if not claimed:
        if used == 1:
            return "One run says how good it is, not what matters"
        pairs = [pair for pair in report.interactions if pair.claimed]
        if pairs:
            return f"The best {pairs[0].first} depends on {pairs[0].second}; neither matters clearly by itself"
        return f"No hyperparameter clearly matters in {'this run' if used == 1 else f'these {used:,} runs'}"
    named = [(name, advice(report, name)) for name in claimed[:MOST_NAMED]]
    told = [f"{name} ({text})" if text else name for name, text in named] + claimed[MOST_NAMED:]
    return f"{listing(told, most=MOST_NAMED)} {'matters' if len(claimed) == 1 else 'matter'} most"


def summary_evidence(report: Report) -> str:
    """Say what the headline leaves out: what shows no effect, how far the best is luck, and what the goal rests on."""
    population, best = report.population, report.best_run
    objective = population.objective
    parts = []
    caveat = goal_caveat(objective, report.sweep.origin.format)
    if caveat:
        parts.append(f"{objective.goal.capitalize()} {objective.metric} is {caveat}: check it first.")
    elif objective.inferred:
        parts.append(f"The goal, to {objective.goal} {objective.metric}, was inferred.")
    doubtful = columns_in_doubt(report)
    if doubtful:
        parts.append(f"{_named(doubtful, 'column', most=6)} may have been read wrongly: see Data.")
    quiet = [e.parameter for e in report.effects if not e.claimed and e.p_adjusted is not None]
    if quiet:
        show = "shows" if len(quiet) == 1 else "show"
        named = _named(quiet, "hyperparameter", most=4)
        parts.append(f"{named} {show} no clear effect in {count(population.ledger.used, 'run')}.")
    if best is not None and best.expected is not None:
        parts.append(
            f"The best run, {best.name}, has {objective.metric} {value_words(report, best.value)}, partly by luck: if "
            f"it is repeated, expect about {value_words(report, best.expected)}."
        )
        use = best.recommended
        if use is not None and another_is_better(best):
            parts.append(f"The configuration to use is that of {use.name}: expect {value_words(report, use.expected)}.")
    elif best is not None:
        parts.append(f"The best run is {best.name}, with {objective.metric} {value_words(report, best.value)}.")
    return " ".join(parts)


def _named(names: Sequence[str], what: str, most: int) -> str:
    """List names in one line; count them where they are too long for it."""
    listed = listing(list(names), most=most)
    return listed if len(names) == 1 or len(listed) <= _ONE_LINE else f"{len(names)} {what}s"


def _cards(report: Report) -> tuple[Card, ...]:
    """Return the four cards: the best, what to expect of it, how many are as good, and whether to go on."""
    best = report.best_run
    name = RunName(best.run_id, best.name, "best") if best else None
    return tuple(
        Card("", (metric,), Link(address, words), run=run)
        for metric, address, words, run in (
            (best_metric(report), "best-run", "See Best run", name),
            (expected_metric(report), "best-run", "See what to expect", None),
            (tied_metric(report), "top-runs", "See Top runs", None),
            (more_metric(report), "findings", "See why", None),
        )
    )


def best_metric(report: Report) -> Metric:
    """Return the best value, and by how much it is better than the mean."""
    best = report.best_run
    assert best is not None
    objective, beside = report.population.objective, f"{signed(best.value - best.mean, 2)} against the mean run"
    if report.population.ledger.used == 1:
        beside = "the only run"
    elif report.population.spans_decades:
        times = (best.value / best.median) ** objective.sign
        beside = f"{factor(times)} times {'above' if objective.sign > 0 else 'below'} the median run"
    return Metric(f"Best: {best.name}", value_words(report, best.value), f"{objective.metric} = {best.value!r}", beside)


def expected_metric(report: Report) -> Metric:
    """Return what repeats of the best run would have on average, with its interval."""
    best = report.best_run
    if best is None or best.expected is None or best.noise is None:
        return Metric("Expected if repeated", MISSING, None, "too few runs to say")
    low, high = value_words(report, best.expected_low), value_words(report, best.expected_high)
    return Metric(
        "Expected if repeated",
        value_words(report, best.expected),
        f"Part of a best value is luck: this is the {'geometric ' if report.population.spans_decades else ''}mean that "
        "repeats of its configuration would have, with its 95% interval.",
        f"95%: {low} to {high}",
    )


def tied_metric(report: Report) -> Metric:
    """Return how many runs are as good as the best, itself included."""
    best, used = report.best_run, report.population.ledger.used
    if best is None or best.noise is None:
        return Metric("As good as the best", MISSING, None, "the noise of one run isn't known")
    allowed = f"; means less than {number(best.within, 2)} apart count as equal" if best.within else ""
    return Metric(
        "As good as the best",
        f"{len(best.tied) + 1:,} of {used:,}",
        f"The best run and those that can't be distinguished from it (run-to-run noise: {number(best.noise.sd, 2)}"
        f"{allowed}).",
        "within the noise of one run",
    )


def more_metric(report: Report) -> Metric:
    """Return whether more runs of the same kind would help, by the verdict on the search."""
    label, search = "Would more of the same help?", report.convergence
    if search is None or search.verdict == "too few runs":
        return Metric(label, "Can't say", None, f"too few runs: {report.population.ledger.used:,}")
    chance = f"{percent(search.next_better)} chance of a new best in {count(search.next_runs, 'run')}"
    if search.verdict == "still improving":
        return Metric(label, "Yes", search.last_quarter_gain_why, chance)
    if search.verdict == "converged":
        return Metric(label, "Hardly", search.last_quarter_gain_why, chance)
    return Metric(label, "Can't say", search.last_quarter_gain_why, chance)


def _what_mattered(report: Report) -> Blocks:
    yield Card(
        "What mattered",
        (lambda: gains(report),),
        Link(IMPACT, "See Impact"),
        about="how many times better from the worst to the best setting"
        if said_in_times(report.effects)
        else "gain from the worst to the best setting",
    )


def _where_next(report: Report) -> Blocks:
    yield Card(
        "Where to search next",
        (lambda: _spans(report),),
        Link("findings", "See the next sweep"),
        about="blue: next, dots: best runs",
    )


def _spans(report: Report) -> Blocks:
    spans = spans_of(report)
    if not spans:
        yield Text("These runs say too little to recommend a next sweep.")
        return
    yield Chart(
        "next",
        "Where to search next",
        f"What was searched and what to search next: {'; '.join(f'{s.parameter}: {s.label}' for s in spans)}.",
        spans_chart,
        (_as_gains_are(report, spans)[:MOST_PICTURED],),
        small=True,
    )
    if len(spans) > MOST_PICTURED:
        yield Note(f"{len(spans) - MOST_PICTURED:,} more are on the page Findings.")


def _as_gains_are(report: Report, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    order = [one.parameter for one in gains_of(report)]
    return tuple(sorted(spans, key=lambda s: order.index(s.parameter) if s.parameter in order else len(order)))


def _all_runs(report: Report) -> Blocks:
    objective, gains = report.population.objective, gains_of(report)
    better = "higher" if objective.sign > 0 else "lower"
    on_log = " on a log scale" if report.population.objective_scale == "log" else ""
    yield Card(
        "Every run",
        (lambda: _every_run(report),),
        about=f"{objective.metric} in order{on_log}, {better} is better; line: best so far, rings: as good as the best",
    )
    if gains:
        yield Table(
            "gains",
            "What each hyperparameter gains",
            lambda: gains_table(gains, said_in_times(report.effects)),
            folded="What mattered, in numbers",
        )
    yield Table(
        "objective-over-time",
        "The objective of each run in order of creation",
        lambda: report.progress,
        folded="Every run, in numbers",
        written=0,
    )


def _every_run(report: Report) -> Blocks:
    objective, best = report.population.objective, report.best_run
    assert best is not None
    yield Chart(
        "every-run",
        "Every run in order",
        f"{objective.metric} of {count(report.population.ledger.used, 'run')} in order of creation, with the best so "
        f"far as a line; the best is {best.name} with {value_words(report, best.value)}.",
        every_run_chart,
        (report.progress, objective, tied_runs(report), report.population.place_values),
        live={"pickable": True},
        reader=ranges(y=Along(objective.metric, report.population.values, report.population.objective_scale == "log")),
    )


def tied_runs(report: Report) -> frozenset[str]:
    """Return the ids of the runs that are as good as the best, itself included; none where noise isn't known."""
    best = report.best_run
    if best is None or best.noise is None:
        return frozenset()
    return frozenset((best.run_id, *best.tied_run_ids))
