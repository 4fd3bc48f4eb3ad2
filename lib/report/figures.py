"""Every chart of the report with its text alternative, for the formats that leave the app; styled for both themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lib.charts.palette import CATEGORICAL, DARK, LIGHT, SEQUENTIAL, Surface
from lib.report.as_dict import json_ready

if TYPE_CHECKING:
    import altair as alt

    from lib.results.report import Report

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True, eq=False)
class Figure:
    """One chart: `key` names its file, `section` the page it stands on, `alternative` says it in words."""

    key: str
    section: str
    title: str
    alternative: str
    draw: Callable[[], alt.TopLevelMixin]

    def spec(self) -> dict[str, Any]:
        """Return the chart as a Vega-Lite spec with its data inside, as wide as its container."""
        import altair as alt

        alt.data_transformers.disable_max_rows()
        chart: Any = self.draw()
        spec: dict[str, Any] = chart.properties(width="container").to_dict()
        spec["description"] = self.alternative
        # The spec brings no colours of its own surroundings: the page's theme does.
        spec.pop("config", None)
        # Ends of axes near the largest float may be beyond it.
        finite: dict[str, Any] = json_ready(spec)
        return finite


def theme(surface: Surface) -> dict[str, Any]:
    """Return a Vega-Lite config for charts that stand outside the app, on a light or dark surface."""
    axis = {
        "labelColor": surface.muted,
        "titleColor": surface.text,
        "gridColor": surface.grid,
        "domainColor": surface.grid,
        "tickColor": surface.grid,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": 500,
        "titlePadding": 10,
    }
    return {
        # Marks aren't announced one by one: the chart's description says it, and its table holds the numbers.
        "aria": False,
        "mark": {"aria": False},
        "background": surface.background,
        "font": FONT,
        "view": {"stroke": None},
        "axis": axis,
        "legend": {"labelColor": surface.text, "titleColor": surface.text, "labelFontSize": 12, "titleFontSize": 12},
        "title": {"color": surface.text},
        "range": {"category": list(CATEGORICAL), "ramp": list(SEQUENTIAL), "heatmap": list(SEQUENTIAL)},
    }


THEMES = {"light": theme(LIGHT), "dark": theme(DARK)}


def figures(report: Report) -> Iterator[Figure]:
    """Yield the report's charts in order; a chart without anything to draw is left out."""
    from lib.analysis.axes import axes
    from lib.charts.correlation import correlation_chart, importance_chart
    from lib.charts.distribution import distribution_chart
    from lib.charts.impact import level_chart, trend_chart
    from lib.charts.marks import sweep_colours
    from lib.charts.parallel_coordinates import parallel_coordinates_chart
    from lib.charts.progress import convergence_chart, progress_chart
    from lib.charts.top_runs import top_runs_chart
    from lib.report.drawn import drawn
    from lib.report.headlines import tie_end

    population, objective = report.population, report.population.objective
    used, metric = population.ledger.used, objective.metric
    if not used:
        return
    yield Figure(
        "objective-over-time",
        "overview",
        "The objective over time",
        f"{metric} of {used} runs in order of creation, with the best so far.",
        lambda: progress_chart(report.progress, objective, sweeps=sweep_colours(population)),
    )
    best = report.best_run
    if best is not None:
        yield Figure(
            "distribution",
            "best-run",
            "Where the best run stands",
            f"Histogram of {metric} over {used} runs with the best run marked.",
            lambda: distribution_chart(population.values, best.value, tie_end(report), objective),
        )
    shown = drawn(report)
    for discrete in shown.discrete:
        yield Figure(
            f"levels-{discrete.parameter}",
            "hyperparameter-impact",
            discrete.parameter,
            f"Box plot of {metric} by level of {discrete.parameter}.",
            lambda impact=discrete: level_chart(population, impact),  # type: ignore[misc]
        )
    for continuous in shown.continuous:
        yield Figure(
            f"trend-{continuous.parameter}",
            "hyperparameter-impact",
            continuous.parameter,
            f"{metric} of {continuous.n} runs against {continuous.parameter}, with the mean of equal-count bins.",
            lambda impact=continuous: trend_chart(population, impact),  # type: ignore[misc]
        )
    if report.surrogate.trusted:
        yield _dependence(report)
    yield from _interactions(report)
    if population.searched:
        yield Figure(
            "top-runs",
            "top-runs",
            "The top runs within each hyperparameter's range",
            f"Where the best {len(report.top_runs)} runs lie within the range of each hyperparameter.",
            lambda: top_runs_chart(population, report.top_runs),
        )
        yield Figure(
            "parallel-coordinates",
            "parallel-coordinates",
            "Parallel coordinates",
            f"Parallel coordinates of {used} runs, coloured by quartile of {metric}.",
            lambda: parallel_coordinates_chart(population, axes(population)),
        )
    known = [c for c in report.correlations if c.coefficient is not None]
    if known:
        yield Figure(
            "correlations",
            "correlation",
            "Correlation with the objective",
            f"Pearson and Spearman correlation of each numeric hyperparameter with {metric}, with 95% intervals.",
            lambda: correlation_chart(known),
        )
    if report.surrogate.trusted:
        yield Figure(
            "importance",
            "correlation",
            "Importance",
            "Importance of each hyperparameter to a random forest, with intervals over resamples.",
            lambda: importance_chart(report.surrogate.parameters),
        )
    yield from _matrix(report)
    yield from _learning_curves(report)
    yield from _comparison(report)
    yield from _trade_off(report)
    yield from _cost(report)
    convergence = report.convergence
    if convergence is not None:
        yield Figure(
            "convergence",
            "findings",
            "Expected best against number of runs",
            f"Expected best {metric} of the first k runs in random order, with its band, and the best so far.",
            lambda: convergence_chart(convergence, objective),
        )


def _dependence(report: Report) -> Figure:
    from lib.analysis.surrogate import partial_dependence
    from lib.charts.impact import partial_dependence_chart

    population, name = report.population, report.surrogate.parameters[0].parameter
    parameter = next(p for p in population.searched if p.name == name)
    return Figure(
        "partial-dependence",
        "hyperparameter-impact",
        f"What a model of the runs says of {name}",
        f"Mean {population.objective.metric} that a random forest predicts along {name}, with the band of its refits.",
        lambda: partial_dependence_chart(
            report.once(partial_dependence, name), population, parameter.numeric, parameter.scale
        ),
    )


def _interactions(report: Report) -> Iterator[Figure]:
    from lib.analysis.interactions import heat_map
    from lib.charts.interactions import heat_map_chart, pairs_chart

    population = report.population
    pairs = [pair for pair in report.interactions if pair.score is not None]
    if not pairs:
        return
    first = pairs[0]
    yield Figure(
        "pairs",
        "interactions",
        "How strongly pairs act together",
        f"How much each of {len(pairs)} pairs of hyperparameters adds to their single effects, with 95% intervals.",
        lambda: pairs_chart(pairs),
    )
    yield Figure(
        "heat-map",
        "interactions",
        f"{first.first} and {first.second} at once",
        f"Mean {population.objective.metric} over {first.first} and {first.second}, with the runs in each cell.",
        lambda: heat_map_chart(report.once(heat_map, first.first, first.second), population.objective),
    )


def _matrix(report: Report) -> Iterator[Figure]:
    from lib.analysis.correlation import correlation_matrix
    from lib.charts.correlation import matrix_chart

    if report.population.ledger.used < 3:
        return
    matrix = report.once(correlation_matrix, "spearman")
    yield Figure(
        "matrix",
        "correlation",
        "Among hyperparameters and metrics",
        f"Matrix of Spearman correlations among {len(matrix.names)} hyperparameters and metrics.",
        lambda: matrix_chart(matrix),
    )


def _learning_curves(report: Report) -> Iterator[Figure]:
    from lib.analysis.learning_curves import curves_along, first_metrics, smaller_is_better
    from lib.charts.learning_curves import curves_chart, gap_chart, ranking_chart
    from lib.report.learning_curves import axis_word

    population, learned, gap, ranks = report.population, report.learning_curves, report.gap, report.rank_curve
    if learned is None:
        return
    metric, axis = population.objective.metric, learned.curves.steps.axis
    top = population.best_first[: population.choices.top]
    for name in first_metrics(population):
        drawn = learned.curves if name == metric else curves_along(population, name, axis)
        yield Figure(
            "learning-curves" if name == metric else f"curve-{name}",
            "learning-curves",
            f"Learning curves of {name}",
            f"{name} of the best {len(top)} runs over {axis_word(axis)}s, with the quartiles of the other runs.",
            lambda own=drawn: curves_chart(  # type: ignore[misc]
                population, own, top, smaller_is_better(population, own.metric)
            ),
        )
    if gap is not None:
        yield Figure(
            "gap",
            "learning-curves",
            "Overfitting",
            f"How much worse {gap.pair.held_out} is than {gap.pair.trained} along the runs: median, quartiles, best "
            "run.",
            lambda: gap_chart(gap, int(population.best_first[0])),
        )
    if ranks is not None:
        yield Figure(
            "ranking",
            "learning-curves",
            "How early the final ranking could have been known",
            f"Spearman correlation of {metric} along the runs with its final value, with its 95% band.",
            lambda: ranking_chart(ranks, axis, report.early_stopping),
        )


def _comparison(report: Report) -> Iterator[Figure]:
    from lib.charts.comparison import HOURS, RUNS, distributions_chart, effort_chart, ranges_chart

    compared, objective = report.comparison, report.population.objective
    if compared is None or compared.target is None:
        return
    yield Figure(
        "distributions",
        "compare",
        "The sweeps side by side",
        f"{objective.metric} of the runs of {len(compared.sides)} sweeps, with quartiles and the best run of each.",
        lambda: distributions_chart(compared, objective),
    )
    for against, words in ((RUNS, "number of runs"), (HOURS, "hours of compute")):
        if against == HOURS and not any(side.compute_seconds > 0 for side in compared.sides):
            continue
        yield Figure(
            f"effort-{against}",
            "compare",
            f"Best so far against {words}",
            f"Best {objective.metric} so far of each sweep against its {words}.",
            lambda along=against: effort_chart(compared, objective, along),  # type: ignore[misc]
        )
    ranges = ranges_chart(compared)
    if ranges is not None:
        yield Figure(
            "ranges",
            "compare",
            "What each sweep searched",
            "Range of each numeric hyperparameter in each sweep, and that of its best runs.",
            lambda: ranges,
        )


def _trade_off(report: Report) -> Iterator[Figure]:
    from lib.charts.trade_off import trade_off_chart, trades_chart

    population, found = report.population, report.trade_off
    if found is None or not len(found.runs):
        return
    first, second = found.first_objective.metric, found.second_objective.metric
    yield Figure(
        "trade-off",
        "trade-off",
        f"{first} against {second}",
        f"{first} against {second} of {len(found.runs)} runs; {len(found.front)} of them on the Pareto front.",
        lambda: trade_off_chart(population, found),
    )
    trades = trades_chart(found)
    if trades is not None:
        yield Figure(
            "trades",
            "trade-off",
            "What trades one for the other",
            f"Spearman of each numeric hyperparameter with {first} and with {second}.",
            lambda: trades,
        )


def _cost(report: Report) -> Iterator[Figure]:
    from lib.charts.cost import MOST_BARS, best_per_hour_chart, parallel_chart, timeline_chart
    from lib.charts.impact import level_chart, trend_chart
    from lib.charts.trade_off import trade_off_chart

    population, found = report.population, report.cost
    if found is None:
        return
    metric = population.objective.metric
    if found.against is not None:
        against = found.against
        yield Figure(
            "objective-runtime",
            "cost",
            "The objective against the runtime",
            f"{metric} against the runtime in seconds of {found.n} runs, with the Pareto front.",
            lambda: trade_off_chart(population, against),
        )
    yield Figure(
        "best-per-hour",
        "cost",
        "The best value for the compute",
        f"Best {metric} so far against hours of compute.",
        lambda: best_per_hour_chart(found.effort, population.objective),
    )
    for level in found.levels:
        yield Figure(
            f"cost-{level.parameter}",
            "cost",
            f"What {level.parameter} costs",
            f"Box plot of runtime in seconds by {level.parameter}.",
            lambda impact=level: level_chart(found.timed, impact),  # type: ignore[misc]
        )
    for trend in found.trends:
        yield Figure(
            f"cost-{trend.parameter}",
            "cost",
            f"What {trend.parameter} costs",
            f"Runtime in seconds against {trend.parameter}.",
            lambda impact=trend: trend_chart(found.timed, impact),  # type: ignore[misc]
        )
    timeline = found.timeline
    if timeline is None:
        return
    yield Figure(
        "timeline",
        "cost",
        "What ran when",
        f"When each of {len(timeline.rows)} runs ran, coloured by its state.",
        lambda: timeline_chart(population, timeline),
    )
    if len(timeline.rows) <= MOST_BARS:
        yield Figure(
            "parallel",
            "cost",
            "How many runs ran at once",
            f"How many runs ran at once; {timeline.most} at most.",
            lambda: parallel_chart(timeline),
        )
