"""Hyperparameter impact: discrete and categorical ones level by level, then continuous ones along their range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lib.analysis.surrogate import partial_dependence
from lib.charts.impact import drawn_note, level_chart, levels_drawn, levels_note, partial_dependence_chart, trend_chart
from lib.charts.picks import levels, ranges
from lib.findings import findings_of
from lib.model.numbers import count, listing, number, p_value
from lib.sections.agreement import near_best_sentence, plain_test_note
from lib.sections.blocks import Blocks, Chart, Choice, Heading, Headline, Note, Part, Table, Text, Tip
from lib.sections.effect_tables import table_of_effects
from lib.sections.hyperparameter_impact_tables import bins_table, dependence_table, levels_table, pairs_table
from lib.sections.shown_parameters import shown_parameters

if TYPE_CHECKING:
    from lib.analysis.groups import DiscreteImpact
    from lib.analysis.trend import ContinuousImpact
    from lib.results.report import Report


def build(report: Report) -> Blocks:
    """Yield the section."""
    population = report.population
    yield Headline(impact_headline(report))
    caveat = sampling_caveat(report)
    if caveat:
        yield Note(caveat)
    if not population.ledger.used or not population.searched:
        return
    yield Table(
        "effects",
        "Each hyperparameter's effect, adjusted for the others that matter",
        lambda: table_of_effects(report.effects),
    )
    near_best = near_best_sentence(report)
    if near_best:
        yield Text(near_best)
    shown = shown_parameters(report)
    if shown.note:
        also = yield Choice("another", "Show another", shown.left, optional=True)
        yield Note(shown.note)
        shown = shown_parameters(report, [also] if also else [])

    if shown.discrete:
        yield Heading("A. Discrete and categorical")
        yield Tip("Click a box to keep its runs alone, on every page.")
    for discrete in shown.discrete:
        yield from _discrete(report, discrete)
    if shown.continuous:
        yield Heading("B. Continuous")
        yield Tip("Drag over a chart to keep the runs within, on every page.")
    for continuous in shown.continuous:
        yield from _continuous(report, continuous)

    yield Heading("What a model of the runs says")
    yield Text(dependence_sentence(report))
    if report.surrogate.trusted:
        yield Part(lambda: _dependence(report, [i.parameter for i in report.surrogate.parameters]))


def _discrete(report: Report, impact: DiscreteImpact) -> Blocks:
    name, metric = impact.parameter, report.population.objective.metric
    yield Heading(name, level=2)
    yield Text(discrete_sentence(report, impact))
    for caution in confounding_sentences(report, name):
        yield Note(caution)
    yield Chart(
        f"levels-{name}",
        name,
        f"Box plot of {metric} by {name} ({len(impact.groups)} levels), with the runs over it.",
        level_chart,
        (report.population, impact),
        live={"pickable": True},
        reader=levels(name, levels_drawn(impact)),
    )
    for note in (levels_note(impact), missing_note(impact.missing, name)):
        if note:
            yield Note(note)
    yield Table(f"levels-{name}", f"{metric} by {name}", lambda: levels_table(impact))
    if impact.pairs:
        yield Table(
            f"level-pairs-{name}",
            f"Pairs of levels of {name} (Mann-Whitney, Holm)",
            lambda: pairs_table(impact),
            folded="Level against level",
            written=0,
        )


def _continuous(report: Report, impact: ContinuousImpact) -> Blocks:
    population, objective, name = report.population, report.population.objective, impact.parameter
    yield Heading(name, level=2)
    yield Text(effect_sentence(report, name))
    scale = yield Choice(f"scale-{name}", "Axis", ("as searched", "linear", "log"), style="segmented")
    along_axis = replace(impact, scale=scale) if scale in ("linear", "log") else impact
    yield Chart(
        f"trend-{name}",
        name,
        f"{objective.metric} of {impact.n} runs against {name}, with the mean of {len(impact.trend)} "
        "equal-count bins and its 95% interval.",
        trend_chart,
        (population, along_axis),
        live={"pickable": True},
        reader=ranges(x=(name, population.numbers(name)), y=(objective.metric, population.values)),
    )
    summed_up = drawn_note(objective, impact.n)
    if summed_up:
        yield Note(summed_up)
    missing = missing_note(impact.missing, name)
    if missing:
        yield Note(missing)
    yield Table(
        f"bins-{name}",
        f"{objective.metric} by bins of {name}",
        lambda: bins_table(impact),
        folded="The table behind the chart",
    )


def _dependence(report: Report, important: Sequence[str]) -> Blocks:
    population = report.population
    name = yield Choice("along", "Along", important, default=f"most important: {important[0]}")
    parameter = next(p for p in population.searched if p.name == name)
    dependence = report.once(partial_dependence, name)
    yield Chart(
        "partial-dependence",
        f"What a model of the runs says of {name}",
        f"Mean {population.objective.metric} that a random forest predicts along {name}, with its 95% band.",
        partial_dependence_chart,
        (dependence, population, parameter.numeric, parameter.scale),
    )
    yield Note("Averaged over the other hyperparameters as the runs have them; the band is how much refits differ.")
    yield Table(
        "partial-dependence",
        f"Predicted mean along {name}",
        lambda: dependence_table(dependence),
        folded="The table behind the model's chart",
    )


def effect_sentence(report: Report, parameter: str) -> str:
    """Say what one parameter does to the objective, or that nothing clear is seen: what the findings say of it."""
    kinds = ("effect", "no_effect")
    return next(
        (f.text for f in findings_of(report) if f.kind in kinds and f.parameter == parameter),
        "Too few different runs to say.",
    )


def impact_headline(report: Report) -> str:
    """Say which parameters move the objective."""
    claimed = sorted((e for e in report.effects if e.claimed), key=lambda e: -(e.gain or 0))
    searched = len(report.population.searched)
    if not searched:
        return "No hyperparameter varies in these runs, so there is nothing to compare."
    if not claimed:
        subject = "The searched hyperparameter shows no"
        if searched > 1:
            subject = f"None of the {searched} searched hyperparameters shows a"
        return f"{subject} clear effect on {report.population.objective.metric} in these runs."
    first = claimed[0]
    text = f"{len(claimed)} of {searched} searched hyperparameters clearly "
    names = listing([e.parameter for e in claimed])
    text += f"{'affects' if len(claimed) == 1 else 'affect'} {report.population.objective.metric}: {names}."
    if first.gain is not None:
        text += f" The largest gain, {number(first.gain)}, is from {first.parameter} "
        text += f"{number(first.worse)} to {number(first.better)}."
    return text


def discrete_sentence(report: Report, impact: DiscreteImpact) -> str:
    """Say what one discrete or categorical parameter does, with its plain means and its test."""
    text = effect_sentence(report, impact.parameter)
    means = [g for g in impact.groups if g.count >= 3]
    if impact.test is not None and len(means) > 1:
        sign = report.population.objective.sign
        best, worst = max(means, key=lambda g: sign * g.mean), min(means, key=lambda g: sign * g.mean)
        text += f" Plain means run from {number(worst.mean)} ({number(worst.value)}) to "
        text += f"{number(best.mean)} ({number(best.value)})"
        text += f"; {impact.test.name} H = {number(impact.test.statistic)}, {p_value(impact.test.p_adjusted)} adjusted,"
        text += f" epsilon² = {number(impact.test.effect_size, 3)}."
        effect = next((e for e in report.effects if e.parameter == impact.parameter), None)
        text += plain_test_note(effect, impact.test.p_adjusted)
    return text


def dependence_sentence(report: Report) -> str:
    """Say whether the surrogate can be asked at all, and how well it predicts."""
    surrogate = report.surrogate
    if not surrogate.trusted:
        return f"No model's view is shown: {surrogate.why_not}."
    return (
        f"A {surrogate.kind} predicts held-out runs with R² {number(surrogate.r2, 2)}; this is what it expects along "
        "one hyperparameter, the others as they were."
    )


def sampling_caveat(report: Report) -> str | None:
    """Say once, near the numbers, that an adaptive search doesn't sample evenly; None where it did."""
    found = next((f for f in findings_of(report) if f.kind == "sampler_bias"), None)
    return found.text if found else None


def confounding_sentences(report: Report, parameter: str) -> list[str]:
    """Say where a parameter's levels were tried under different values of another one that matters."""
    return [f.text for f in findings_of(report) if f.kind == "confounded" and f.parameter == parameter]


def missing_note(missing: int, parameter: str) -> str | None:
    """Say how many used runs have no value of a parameter; None where all have."""
    return (
        f"{count(missing, 'run')} {'has' if missing == 1 else 'have'} no value for {parameter} and "
        f"{'is' if missing == 1 else 'are'} not shown here."
        if missing
        else None
    )
