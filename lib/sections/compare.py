"""Compare: several sweeps side by side: what they reached, at what effort, and what they searched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.analysis.comparison import why_unavailable
from lib.analysis.effort import reached
from lib.charts.comparison import distributions_chart, effort_chart, range_ends, ranges_chart
from lib.charts.effort_axes import HOURS, RUNS
from lib.model.numbers import count, duration, listing, number
from lib.sections.blocks import (
    AppOnly,
    Blocks,
    Card,
    Chart,
    Heading,
    Headline,
    Method,
    Metric,
    Note,
    NumberInput,
    Part,
    Row,
    Table,
    Text,
    Tip,
)
from lib.sections.compare_tables import effort_table, joint_top_table, ranges_table, sides_table
from lib.sections.objective import value_words

if TYPE_CHECKING:
    from lib.analysis.comparison import Comparison, ParameterRange, Side
    from lib.results.report import Report


MOST_CARDS = 4


def why_empty(report: Report) -> str | None:
    """Say why there is nothing to compare; None where there is."""
    return why_unavailable(report.population)


def build(report: Report) -> Blocks:
    """Yield the section."""
    compared = report.comparison
    yield Headline(comparison_headline(report))
    if compared is None:
        yield Tip("Name several in “Open your own sweep”, or on the command line; runs are joined by their sweep.")
        yield AppOnly("open-source", "It opens what stands at the top of a page.")
        return
    if compared.target is None:
        return
    others = objectives_note(report, compared)
    if others:
        yield Note(others)
    shown = compared.sides[:MOST_CARDS]
    cards = tuple(Card("", (side_metric(report, side), Note(side_note(report, compared, side)))) for side in shown)
    yield Row(cards, weights=(1,) * max(len(cards), 3), close=True)
    yield Chart(
        "distributions",
        "The sweeps side by side",
        f"{report.population.objective.metric} of the runs of {len(compared.sides)} sweeps, with quartiles and the "
        "best run of each.",
        distributions_chart,
        (compared, report.population),
    )
    yield Note("Box: the middle half of the runs; diamond: the best run.")
    yield Table(
        "sweeps",
        "The sweeps side by side",
        lambda: sides_table(compared),
        opens=lambda: [side.best_run_id or "" for side in compared.sides],
        names="best run",
        folded="The sweeps in numbers",
    )
    at_equal_runs = equal_runs_sentence(report, compared)
    if at_equal_runs:
        yield Text(at_equal_runs)
    if compared.left_out:
        yield Note(f"{compared.left_out:,} further sweeps with fewer runs are not compared here.")

    yield Method(
        "The expected best of k runs is that of k of a sweep's runs drawn without replacement, and the band holds 95% "
        "of the draws: so sweeps of different size are compared at the same effort."
    )

    yield Heading("Effort to reach a value")
    yield Part(lambda: _effort(report, compared))

    yield Heading("The best runs of all together")
    yield Table(
        "joint-top",
        "Best runs of all sweeps",
        lambda: joint_top_table(report, compared),
        run_ids=lambda: report.population.runs["run_id"].iloc[compared.top].tolist(),
    )

    yield Heading("What each one searched")
    yield Text(ranges_sentence(compared))
    if any(range_ends(each) for _, ranges in compared.ranges for each in ranges if each is not None):
        yield Chart(
            "ranges",
            "What each sweep searched",
            "Range of each numeric hyperparameter in each sweep, and that of its best runs.",
            ranges_chart,
            (compared,),
        )
        yield Note("Wide bars: searched or observed; narrow ones: where the sweep's best runs lie.")
    yield Table(
        "ranges",
        "Each hyperparameter's range in each sweep",
        lambda: ranges_table(compared),
        folded="The ranges in numbers",
    )


def side_metric(report: Report, side: Side) -> Metric:
    """Return a sweep's best value, and whose it is."""
    return Metric(side.label, value_words(report, side.best), None, side.best_run or "no usable run")


def side_note(report: Report, compared: Comparison, side: Side) -> str:
    """Say of how many runs a sweep's best is, and what as many as the smallest sweep has would reach."""
    parts = [f"best of {count(side.used, 'used run')} of {side.total:,}"]
    if side.configurations is not None:
        parts.append(f"of {count(side.configurations, 'configuration')}")
    if side.mean is not None:
        parts.append(f"mean {value_words(report, side.mean)}")
    if side.expected is not None and side.used > compared.equal_runs:
        parts.append(f"expected best of only {compared.equal_runs:,} runs: {value_words(report, side.expected[0])}")
    if side.compute_seconds > 0:
        parts.append(f"{duration(side.compute_seconds)} of compute")
    return "; ".join(parts)


def _effort(report: Report, compared: Comparison) -> Blocks:
    objective = report.population.objective
    every = f"{value_words(report, compared.target)}: what all of them reached"
    value = yield NumberInput("reach", "Value to reach", default=every, width=360)
    yield Text(effort_sentence(report, compared, value))
    timed = any(side.compute_seconds > 0 for side in compared.sides)
    kinds = ((RUNS, "number of runs"), (HOURS, "compute"))[: 2 if timed else 1]
    charts = (
        Chart(
            f"effort-{against}",
            f"Best so far against {words}",
            f"Best {objective.metric} so far of each sweep against its {words}.",
            effort_chart,
            (compared, objective, report.population.objective_scale, against, value),
            small=len(kinds) > 1,
        )
        for against, words in kinds
    )
    yield Row(tuple(charts), weights=(1,) * len(kinds))
    yield Note("Dashed: the value to reach. Compute adds up the runtimes of all runs, crashed ones too.")
    yield Table(
        "effort",
        "Best so far of each sweep, run by run",
        lambda: effort_table(compared),
        folded="The table behind the charts",
        written=0,
    )


def comparison_headline(report: Report) -> str:
    """Say which sweep holds the best run, by how much, and whose runs fill the top."""
    compared, objective = report.comparison, report.population.objective
    if compared is None:
        return why_unavailable(report.population) or "There is nothing to compare."
    known = [side for side in compared.sides if side.best is not None]
    if not known:
        return "No run of these sweeps has a usable value of the objective, so there is nothing to compare."
    if len(known) == 1:
        return f"Only {known[0].label} has usable values of {objective.metric}, so there is nothing to compare it with."
    ranked = sorted(known, key=lambda side: -objective.sign * (side.best or 0.0))
    first, second = ranked[0], ranked[1]
    ours, theirs = (value_words(report, side.best) for side in (first, second))
    text = f"{first.label} holds the best run: {objective.metric} {ours} against {theirs} in {second.label}"
    place = compared.sides.index(first)
    tops = sum(side == place for side in compared.top_sides)
    return f"{text}; it has {tops} of the best {len(compared.top)} runs."


def objectives_note(report: Report, compared: Comparison) -> str | None:
    """Say which sweeps were run for another objective than they are compared by; None where none was."""
    objective = report.population.objective
    others = [s for s in compared.sides if s.declared not in (None, (objective.metric, objective.goal))]
    said = [f"{s.label} was run to {s.declared[1]} {s.declared[0]}" for s in others if s.declared]
    if not said:
        return None
    return f"All are compared by {objective.metric} ({objective.goal}) here, but {listing(said)}."


def equal_runs_sentence(report: Report, compared: Comparison) -> str:
    """Say what the sweeps' bests would be expected to be at the same number of runs."""
    known = [side for side in compared.sides if side.expected is not None]
    if len(known) < 2:
        return ""
    said = []
    for side in known[:4]:
        text = f"{side.label} {value_words(report, side.expected[0])}" if side.expected else side.label
        if side.expected is not None and side.used > compared.equal_runs:
            text += (
                f" (95% of draws {value_words(report, side.expected[1])} to {value_words(report, side.expected[2])})"
            )
        said.append(text)
    return (
        f"The best of more runs is better by luck alone. At {count(compared.equal_runs, 'run')} each, the expected "
        f"best {report.population.objective.metric} is: {listing(said)}."
    )


def effort_sentence(report: Report, compared: Comparison, value: float | None = None) -> str:
    """Say what each sweep took to reach a value, by default the one that all of them reached."""
    if compared.target is None:
        return "No sweep has a usable value of the objective."
    objective = report.population.objective
    target = compared.target if value is None else value
    said, without = [], []
    for side in compared.sides:
        first = reached(side.effort, target, objective.sign)
        if first.runs is None:
            without.append(side.label)
            continue
        spent = f" and {duration(first.hours * 3600)} of compute" if first.hours is not None else ""
        said.append(f"{side.label} after {count(first.runs, 'run')}{spent}")
    all_of_them = ", which all of them reached," if value is None else ""
    asked = value_words(report, target) if value is None else number(target)
    text = f"{objective.metric} {asked}{all_of_them} was reached by {listing(said, 4)}"
    return f"{text}, and not by {listing(without, 4)}." if said and without and value is not None else f"{text}."


def ranges_sentence(compared: Comparison) -> str:
    """Say which parameters not all of the sweeps have, or searched."""
    partly = []
    for name, ranges in compared.ranges:
        without = [s.label for s, r in zip(compared.sides, ranges, strict=True) if not _searched(r)]
        if without:
            partly.append(f"{name} (not in {listing(without, 3)})")
    names = count(len(compared.ranges), "hyperparameter")
    if not partly:
        return f"All sweeps search the same {names}."
    return f"Of {names}, not every sweep searches: {listing(partly)}."


def _searched(each: ParameterRange | None) -> bool:
    return each is not None and each.parameter is not None and each.parameter.role == "searched"
