"""Hyperparameter impact: what each one gains, and one at a time what the objective does along it.

Over 300 lines: the page's parts with the sentences that only it says; its tables are beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from lib.analysis.fitted_effect import fitted_effect
from lib.analysis.surrogate import partial_dependence
from lib.charts.claimed import Overlay
from lib.charts.gains import gains_chart
from lib.charts.impact import (
    drawn_note,
    level_chart,
    levels_drawn,
    levels_note,
    off_axis_note,
    trend_chart,
)
from lib.charts.names import labels
from lib.charts.partial_dependence import partial_dependence_chart
from lib.charts.picks import Along, levels, ranges
from lib.findings import findings_of
from lib.model.numbers import count, listing, number, p_value
from lib.sections.agreement import near_best_sentence, plain_test_note
from lib.sections.blocks import (
    Blocks,
    Card,
    Chart,
    Choice,
    Heading,
    Headline,
    Method,
    Note,
    OneOf,
    Part,
    Row,
    Table,
    Text,
    Tip,
)
from lib.sections.effect_tables import table_of_effects
from lib.sections.effect_words import gain_words, move_words, said_in_times, setting_words
from lib.sections.hyperparameter_impact_tables import bins_table, dependence_table, levels_table, pairs_table
from lib.sections.picked import if_picked
from lib.sections.sketches import sketch

if TYPE_CHECKING:
    from lib.analysis.effects import Effect
    from lib.analysis.fitted_effect import FittedEffect
    from lib.analysis.groups import DiscreteImpact
    from lib.analysis.parameter_advice import Recommended
    from lib.analysis.trend import ContinuousImpact
    from lib.results.report import Report

PARAMETER = "parameter"
"""The key of the control that chooses a hyperparameter: what links to one set."""
MOST_WRITTEN = 40
MOST_QUIET = 8
QUIET_IN_A_ROW = 4
# So many characters fit into a line of such a card.
QUIET_TITLE = 26


def build(report: Report) -> Blocks:
    """Yield the section."""
    population = report.population
    yield Headline(impact_headline(report), impact_evidence(report))
    yield from if_picked(report)
    caveat = sampling_caveat(report)
    if caveat:
        yield Note(caveat)
    if not population.ledger.used or not population.searched:
        return
    ordered = in_order(report)
    names = [effect.parameter for effect in ordered]
    quiet = [effect for effect in ordered if not effect.claimed and effect.p_adjusted is not None]
    yield OneOf(
        Choice(PARAMETER, "Hyperparameter", names, default=names[0]),
        {effect.parameter: partial(_one, report, effect) for effect in ordered},
        beside=(
            Chart(
                "gains",
                "What each hyperparameter gains",
                f"Bars of the gain in {population.objective.metric} from the worst to the best value of each of "
                f"{count(len(names), 'hyperparameter')}, with 95% intervals.",
                gains_chart,
                (tuple(ordered), tuple(move_words(report, effect) for effect in ordered), population.objective),
                {"times": said_in_times(report.effects)},
                live={"pickable": True},
                chooses=(PARAMETER, names),
            ),
            Tip("Click a bar to see that hyperparameter."),
        ),
        # Those without a clear effect are written as the small pictures that follow.
        most_written=min(MOST_WRITTEN, sum(effect.claimed for effect in ordered) if quiet else len(ordered)),
    )
    yield from _quiet(report, quiet)
    if len(ordered) - len(quiet) > MOST_WRITTEN:
        yield Note(
            f"Written reports show the {MOST_WRITTEN} with the most evidence; the table of all effects holds all "
            f"{len(names):,}."
        )
    yield Table(
        "effects",
        "Each hyperparameter's effect, adjusted for the others that matter",
        lambda: table_of_effects(report.effects),
        folded="All effects in numbers",
    )
    yield Method(
        "An effect is claimed where a rank test, given the other hyperparameters that matter, is below 5% after Holm's "
        "correction over all of them. The curve and the gain are a robust fit (polynomials and splines averaged by "
        "their BIC weights, Huber's M-estimates) with a 95% band."
    )
    near_best = near_best_sentence(report)
    if near_best:
        yield Text(near_best)
    yield Heading("What a model of the runs says")
    yield Text(dependence_sentence(report))
    if report.surrogate.trusted:
        yield Part(lambda: _dependence(report, [i.parameter for i in report.surrogate.parameters]))


def _quiet(report: Report, effects: Sequence[Effect]) -> Blocks:
    """Yield a small picture of each hyperparameter without a clear effect, side by side."""
    shown = effects[:MOST_QUIET]
    if not shown:
        return
    yield Heading("No clear effect")
    titles = dict(zip(shown, labels([effect.parameter for effect in shown], QUIET_TITLE), strict=True))
    for start in range(0, len(shown), QUIET_IN_A_ROW):
        row = shown[start : start + QUIET_IN_A_ROW]
        cards = tuple(Card(titles[effect], (sketch(report, effect.parameter),)) for effect in row)
        yield Row(cards, weights=(1,) * QUIET_IN_A_ROW, close=True)
    if len(effects) > len(shown):
        yield Note(f"{len(effects) - len(shown):,} more are in the table of all effects.")


def in_order(report: Report) -> list[Effect]:
    """Return the effects as the page offers them: claimed ones by their gain, then the others by their evidence."""
    return sorted(
        report.effects,
        key=lambda e: (not e.claimed, -e.size if e.claimed else 0.0, _rank(e.p_value), e.parameter),
    )


def _rank(p: float | None) -> float:
    return 2.0 if p is None else p


def _one(report: Report, effect: Effect) -> Blocks:
    """Yield what there is to see of one hyperparameter."""
    yield Heading(effect.parameter)
    overlay = overlay_of(report, effect)
    discrete = next((one for one in report.discrete if one.parameter == effect.parameter), None)
    continuous = next((one for one in report.continuous if one.parameter == effect.parameter), None)
    if discrete is not None:
        yield from _discrete(report, discrete, overlay)
    elif continuous is not None:
        yield from _continuous(report, continuous, overlay)


def overlay_of(report: Report, effect: Effect) -> Overlay:
    """Return what is drawn over the runs of one parameter: the curve, the claimed gain, what to search next.

    The same one each time: its chart is kept by it.
    """
    change = report.recommendation.of(effect.parameter)
    return report.keep(_overlay, report.once(fitted_effect, effect), effect, change)


def _overlay(fitted: FittedEffect | None, effect: Effect, change: Recommended) -> Overlay:
    return Overlay(
        fitted=fitted,
        effect=effect if effect.claimed else None,
        low=change.low if change.changed else None,
        high=change.high if change.changed else None,
        levels=change.levels if change.changed else None,
    )


def _discrete(report: Report, impact: DiscreteImpact, overlay: Overlay) -> Blocks:
    name, metric = impact.parameter, report.population.objective.metric
    yield Text(effect_sentence(report, name))
    for caution in confounding_sentences(report, name):
        yield Note(caution)
    yield Chart(
        f"levels-{name}",
        name,
        f"{metric} of the runs by {name} ({len(impact.groups)} levels), as boxes, with what is expected of each level "
        "and its 95% interval.",
        level_chart,
        (report.population, impact, overlay),
        live={"pickable": True},
        reader=levels(name, levels_drawn(report.population, impact)),
    )
    yield Tip("Click a box to highlight its runs on every page.")
    for note in (
        levels_note(impact),
        off_axis_note(report.population, name),
        missing_note(impact.missing, name),
    ):
        if note:
            yield Note(note)
    yield Table(f"levels-{name}", f"{metric} by {name}", lambda: levels_table(impact), folded="The levels in numbers")
    if impact.pairs:
        yield Table(
            f"level-pairs-{name}",
            f"Pairs of levels of {name} (Mann-Whitney, Holm)",
            lambda: pairs_table(impact),
            folded="Level against level",
        )
    plain = plain_means_sentence(report, impact)
    if plain:
        yield Method(plain)


def _continuous(report: Report, impact: ContinuousImpact, overlay: Overlay) -> Blocks:
    population, objective, name = report.population, report.population.objective, impact.parameter
    yield Text(effect_sentence(report, name))
    scale = yield Choice(f"scale-{name}", "Axis", ("as searched", "linear", "log"), style="segmented")
    along_axis = replace(impact, scale=scale) if scale in ("linear", "log") else impact
    what = (
        f"the mean of {len(impact.trend)} equal-count bins and its 95% interval"
        if overlay.fitted is None
        else "the expected value along it and its 95% band"
    )
    yield Chart(
        f"trend-{name}",
        name,
        f"{objective.metric} of {impact.n} runs against {name}, with {what}.",
        trend_chart,
        (population, along_axis, overlay),
        live={"pickable": True},
        reader=ranges(
            x=Along(name, population.numbers(name), along_axis.scale == "log"),
            y=Along(objective.metric, population.values, population.objective_scale == "log"),
        ),
    )
    yield Tip("Drag over the chart, or click a run, to highlight it on every page.")
    for note in (
        drawn_note(objective, impact.n),
        off_axis_note(population, name, impact.scale == "log"),
        missing_note(impact.missing, name),
    ):
        if note:
            yield Note(note)
    yield Table(
        f"bins-{name}",
        f"{objective.metric} by bins of {name}",
        lambda: bins_table(impact),
        folded="The runs in bins",
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
    """Say what one parameter does to the objective, or that nothing clear is seen: the sentence of its finding."""
    found = findings_of(report)
    said = [f.text for f in found if f.kind in ("effect", "no_effect") and f.parameter == parameter]
    # A parameter that went together with others is judged with them.
    said += [f.text for f in found if f.kind == "confounded" and parameter in f.evidence.get("parameters", ())]
    return next(iter(said), "Too few different runs to say.")


def impact_headline(report: Report) -> str:
    """Say which parameters move the objective."""
    claimed = sorted((e for e in report.effects if e.claimed), key=lambda e: -e.size)
    searched = len(report.population.searched)
    if not searched:
        return "No hyperparameter varies in these runs, so there is nothing to compare."
    if not claimed:
        subject = "The searched hyperparameter shows no"
        if searched > 1:
            subject = f"None of the {searched} searched hyperparameters shows a"
        return f"{subject} clear effect on {report.population.objective.metric} in these runs."
    names = listing([e.parameter for e in claimed])
    affect = "affects" if len(claimed) == 1 else "affect"
    metric = report.population.objective.metric
    if searched == 1:
        return f"The searched hyperparameter, {names}, clearly affects {metric}."
    return f"{len(claimed)} of {searched} searched hyperparameters clearly {affect} {metric}: {names}."


def impact_evidence(report: Report) -> str | None:
    """Say the largest gain that is claimed, from where to where; None where none is."""
    claimed = sorted((e for e in report.effects if e.claimed and e.gain is not None), key=lambda e: -e.size)
    if not claimed:
        return None
    first = claimed[0]
    worse, better = (setting_words(report, first.parameter, end) for end in (first.worse, first.better))
    gain = f"{gain_words(first)} better" if first.times is not None else gain_words(first)
    return f"The largest gain, {gain}, is from {first.parameter} {worse} to {better}."


def plain_means_sentence(report: Report, impact: DiscreteImpact) -> str | None:
    """Say what the levels' plain means and their test are, without the other parameters; None where too few runs."""
    means = [g for g in impact.groups if g.count >= 3]
    if impact.test is None or len(means) < 2:
        return None
    sign = report.population.objective.sign
    best, worst = max(means, key=lambda g: sign * g.mean), min(means, key=lambda g: sign * g.mean)
    effect = next((e for e in report.effects if e.parameter == impact.parameter), None)
    repeated = impact.test.configurations
    of = "" if repeated is None else f" of the means of {count(repeated, 'configuration')}"
    return (
        f"Plain means, not adjusted for the other hyperparameters, run from {number(worst.mean)} "
        f"({number(worst.value)}) to {number(best.mean)} ({number(best.value)}); {impact.test.name}{of} "
        f"H = {number(impact.test.statistic)}, {p_value(impact.test.p_adjusted)} adjusted, "
        f"epsilon² = {number(impact.test.effect_size, 3)}.{plain_test_note(effect, impact.test.p_adjusted)}"
    )


def dependence_sentence(report: Report) -> str:
    """Say whether the surrogate can be asked at all, and how well it predicts."""
    surrogate = report.surrogate
    if not surrogate.trusted:
        return f"No model's view is shown: {surrogate.why_not}."
    return (
        f"A {surrogate.kind} predicts held-out runs with R² {number(surrogate.r2, 2)}; this is what it expects along "
        "one hyperparameter, with the others as the runs had them."
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
