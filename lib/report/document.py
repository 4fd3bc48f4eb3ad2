"""The whole report as parts to be written: what stands in each section and in what order, once for all formats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from lib.findings import findings_by_group
from lib.report import comparison, cost, headlines, learning_curves, source_tables, tables, trade_off
from lib.report.copies import as_yaml
from lib.report.drawn import drawn
from lib.report.figures import Figure, figures

if TYPE_CHECKING:
    import pandas as pd

    from lib.results.report import Report

MOST_ROWS = 200
MOST_TIED = 50


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a part of a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """One or more sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """Sentences as a list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Text to be copied letter for letter."""

    text: str
    language: str


@dataclass(frozen=True, eq=False, slots=True)
class Chart:
    """A chart of the report."""

    figure: Figure


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """A table. `name` names its file, `label` says what it holds.

    most : how many rows are written into the report, 0 for none; files hold all.
    """

    name: str
    label: str
    table: pd.DataFrame
    most: int = MOST_ROWS


Block: TypeAlias = Heading | Text | Items | Code | Chart | Table


@dataclass(frozen=True, eq=False, slots=True)
class Section:
    """One section: its title, the sentence that answers its question, and what stands beneath."""

    title: str
    headline: str
    blocks: tuple[Block, ...]


Charts: TypeAlias = Mapping[str, Figure]
Builder: TypeAlias = Callable[["Report", Charts], Section | None]


def document(report: Report) -> tuple[Section, ...]:
    """Return the sections in the order of the pages; those that the data have nothing for are left out.

    So are blocks without text, rows or a chart.
    """
    charts = {figure.key: figure for figure in figures(report)}
    built = [build(report, charts) for build in _SECTIONS]
    return tuple(Section(s.title, s.headline, tuple(filter(_holds, s.blocks))) for s in built if s is not None)


def tables_of(sections: Sequence[Section]) -> Iterator[Table]:
    """Yield every table of the sections, those too that only files hold."""
    yield from (block for section in sections for block in section.blocks if isinstance(block, Table))


def _holds(block: Block) -> bool:
    if isinstance(block, Table):
        return not block.table.empty
    if isinstance(block, Items):
        return bool(block.items)
    return isinstance(block, Chart) or bool(block.text)


def _chart(charts: Charts, *keys: str) -> list[Block]:
    return [Chart(charts[key]) for key in keys if key in charts]


def _overview(report: Report, charts: Charts) -> Section:
    fixed = source_tables.search_space_table(report, "fixed")
    blocks: list[Block] = [
        *_chart(charts, "objective-over-time"),
        Table("objective-over-time", "The objective of each run in order of creation", report.progress, most=0),
        Table("search-space", "Searched hyperparameters", source_tables.search_space_table(report, "searched")),
        *([Heading("Fixed in every run")] if not fixed.empty else []),
        Table("fixed-parameters", "Fixed hyperparameters", fixed),
        Heading("Runs by state"),
        Table("runs-by-state", "Runs by state", source_tables.states_table(report)),
    ]
    return Section("Overview", headlines.overview_headline(report), tuple(blocks))


def _data(report: Report, _: Charts) -> Section:
    blocks: list[Block] = [
        Table("ledger", "Which runs are used, and why the others are not", source_tables.ledger_table(report)),
        Items(report.warnings),
        Table("columns", "How each column of the source was read", source_tables.columns_table(report)),
        Table("runs", "Every run of the source", source_tables.runs_table(report), most=0),
    ]
    return Section("Data", headlines.data_headline(report), tuple(blocks))


def _best_run(report: Report, charts: Charts) -> Section:
    best, blocks = report.best_run, list[Block]()
    if best is not None:
        blocks += [
            Text(headlines.noise_sentence(report)),
            *_chart(charts, "distribution"),
            Heading("Its hyperparameters"),
            Code(as_yaml(best.parameters, best.fixed), "yaml"),
            Heading("Its metrics"),
            Table("best-run-metrics", "All metrics of the best run", tables.metrics_table(report)),
        ]
    if report.repeats is not None:
        repeated = tables.repeats_table(report)
        blocks += [
            Heading("Repeats"),
            Text(headlines.repeats_sentence(report) or ""),
            Table("repeats", "Configurations that were run more than once, best mean first", repeated),
        ]
    if best is not None and best.tied_run_ids:
        tied = Table("tie-set", "Runs that can't be told from the best", tables.tie_table(report), most=MOST_TIED)
        blocks += [Heading("Its tie set"), tied, Text(headlines.tie_note(report) or "")]
    return Section("Best run", headlines.best_run_headline(report), tuple(blocks))


def _impact(report: Report, charts: Charts) -> Section:
    shown = drawn(report)
    blocks: list[Block] = [
        Text(headlines.sampling_caveat(report) or ""),
        Table("effects", "What each hyperparameter does to the objective", tables.effects_table(report)),
        Text(shown.note or ""),
    ]
    for discrete in shown.discrete:
        name = discrete.parameter
        blocks += [
            Heading(name),
            Text(headlines.discrete_sentence(report, discrete)),
            *_chart(charts, f"levels-{name}"),
            Table(f"levels-{name}", f"The levels of {name}", tables.levels_table(discrete)),
            Table(f"level-pairs-{name}", f"Pairs of levels of {name}", tables.pairs_table(discrete), most=0),
        ]
    for continuous in shown.continuous:
        name = continuous.parameter
        blocks += [
            Heading(name),
            Text(headlines.continuous_sentence(report, continuous)),
            *_chart(charts, f"trend-{name}"),
            Table(f"bins-{name}", f"Equal-count bins of {name}", tables.bins_table(continuous)),
        ]
    if "partial-dependence" in charts:
        model = charts["partial-dependence"]
        blocks += [Heading(model.title), Text(headlines.dependence_sentence(report)), Chart(model)]
    return Section("Hyperparameter impact", headlines.impact_headline(report), tuple(blocks))


def _interactions(report: Report, charts: Charts) -> Section:
    blocks: list[Block] = [
        *_chart(charts, "pairs", "heat-map"),
        Table("interactions", "How strongly each pair acts together", tables.interactions_table(report)),
    ]
    return Section("Interactions", headlines.interactions_headline(report), tuple(blocks))


def _top_runs(report: Report, charts: Charts) -> Section:
    blocks: list[Block] = [
        *_chart(charts, "top-runs"),
        Table("top-runs", "The best runs", tables.top_runs_table(report)),
        *([Heading("What they have in common")] if report.shared_by_top else []),
        Table("top-runs-shared", "What the top runs have of each hyperparameter", tables.shared_table(report)),
    ]
    return Section("Top runs", headlines.top_runs_headline(report), tuple(blocks))


def _parallel_coordinates(report: Report, charts: Charts) -> Section:
    headline = headlines.parallel_coordinates_headline(report)
    return Section("Parallel coordinates", headline, tuple(_chart(charts, "parallel-coordinates")))


def _correlation(report: Report, charts: Charts) -> Section:
    blocks: list[Block] = [
        *_chart(charts, "correlations"),
        Table("correlations", "Correlation with the objective", tables.correlations_table(report)),
        Text(headlines.importance_sentence(report)),
        *_chart(charts, "importance"),
        Table("importance", "Importance to a random forest", tables.importance_table(report)),
        *_chart(charts, "matrix"),
    ]
    return Section("Correlation and importance", headlines.correlation_headline(report), tuple(blocks))


def _learning_curves(report: Report, charts: Charts) -> Section | None:
    learned, ranks, gap, words = report.learning_curves, report.rank_curve, report.gap, learning_curves
    if learned is None:
        return None
    top = report.population.best_first[: report.population.choices.top]
    blocks: list[Block] = [
        *_chart(charts, *(key for key in charts if key == "learning-curves" or key.startswith("curve-"))),
        Table("best-places", "Where each top run was best", words.best_places_table(report, learned, top)),
        Table("learning-curves", "The top runs' curves", words.curves_table(report, learned.curves, top), most=0),
    ]
    if gap is not None:
        blocks += [
            Heading("Overfitting"),
            Text(words.gap_sentence(report, gap)),
            *_chart(charts, "gap"),
            Table("gap", "Gap between training and held-out data", words.gap_table(gap), most=0),
        ]
    blocks += [
        Heading("Runs that ended early"),
        Text(words.stopped_sentence(report, learned)),
        Table("ended-early", "Runs that ended early", words.stopped_table(report, learned), most=MOST_TIED),
        Heading("How early the final ranking could have been known"),
        Text(words.ranking_sentence(report)),
        *_chart(charts, "ranking"),
    ]
    if ranks is not None:
        by_place = words.ranking_table(ranks, learned.curves.steps.axis)
        blocks.append(Table("ranking", "Correlation with the end", by_place, most=0))
    blocks.append(Text(words.early_stopping_sentence(report)))
    if report.early_stopping is not None:
        blocks.append(Code(words.early_terminate_yaml(report.early_stopping), "yaml"))
    return Section("Learning curves", words.learning_curves_headline(report), tuple(blocks))


def _comparison(report: Report, charts: Charts) -> Section | None:
    compared, words = report.comparison, comparison
    if compared is None:
        return None
    headline = words.comparison_headline(report)
    if compared.target is None:
        return Section("Compare sweeps", headline, ())
    blocks: list[Block] = [
        Text(words.objectives_note(report, compared) or ""),
        *_chart(charts, "distributions"),
        Table("sweeps", "The sweeps side by side", words.sides_table(report, compared)),
        Text(words.equal_runs_sentence(report, compared)),
        Heading("Effort to reach a value"),
        Text(words.effort_sentence(report, compared)),
        *_chart(charts, "effort-runs", "effort-hours"),
        Table("effort", "Best so far of each sweep, run by run", words.effort_table(compared), most=0),
        Heading("The best runs of all together"),
        Table("joint-top", "Best runs of all sweeps", words.joint_top_table(report, compared)),
        Heading("What each one searched"),
        Text(words.ranges_sentence(compared)),
        *_chart(charts, "ranges"),
        Table("ranges", "Each hyperparameter's range in each sweep", words.ranges_table(compared)),
    ]
    return Section("Compare sweeps", headline, tuple(blocks))


def _trade_off(report: Report, charts: Charts) -> Section | None:
    found, words = report.trade_off, trade_off
    if found is None:
        return None
    blocks: list[Block] = [
        *_chart(charts, "trade-off"),
        Text(words.rule_note(found) or ""),
        Text(words.agreement_sentence(found) or ""),
        Heading("The runs on the front"),
        Table("front", "Runs on the Pareto front", words.front_table(report, found)),
        Heading("What trades one for the other"),
        Text(words.trades_sentence(found)),
        *_chart(charts, "trades"),
        Table("trades", "Each hyperparameter with both metrics", words.trades_table(found)),
    ]
    return Section("Trade-off", words.trade_off_headline(report, found), tuple(blocks))


def _cost(report: Report, charts: Charts) -> Section | None:
    found, words = report.cost, cost
    if found is None:
        return None
    blocks: list[Block] = [
        Table("cost-by-state", "Compute by run state", words.states_table(found)),
        Heading("The objective against the runtime"),
        Text(words.runtime_sentence(report, found)),
        *_chart(charts, "objective-runtime"),
        Heading("The best value for the compute"),
        Text(words.best_value_sentence(report, found)),
        *_chart(charts, "best-per-hour"),
        Table("best-per-hour", "Best so far along the compute", words.best_per_hour_table(found), most=0),
        Heading("What a hyperparameter costs"),
        Text(words.price_sentence(found)),
    ]
    for name in (*(level.parameter for level in found.levels), *(trend.parameter for trend in found.trends)):
        blocks += [Heading(name), *_chart(charts, f"cost-{name}")]
    blocks.append(Table("prices", "Each hyperparameter's effect on the runtime", words.price_table(found)))
    if found.timeline is not None:
        blocks += [
            Heading("What ran when"),
            Text(words.timeline_sentence(found.timeline)),
            *_chart(charts, "timeline", "parallel"),
            Text("The longest pauses in which nothing ran:" if found.timeline.gaps else ""),
            Table("pauses", "The longest pauses", words.gaps_table(found.timeline)),
            Table("timeline", "When each run ran", words.timeline_table(report, found.timeline), most=0),
        ]
    return Section("Cost", words.cost_headline(report), tuple(blocks))


def _findings(report: Report, charts: Charts) -> Section:
    blocks: list[Block] = []
    for heading, found in findings_by_group(report):
        blocks += [Heading(heading), Items(tuple(f"{f.text} ({f.strength})" for f in found))]
    recommended = report.next_sweep
    blocks += [Heading("What to sweep next"), Text(headlines.next_sweep_sentence(report))]
    if recommended is not None:
        blocks += [
            Items(tuple(f"{c.parameter}: {c.action}, {c.before} → {c.after}. {c.why}" for c in recommended.changes)),
            Text(f"{recommended.runs_why} {recommended.expected}"),
            Code(recommended.to_yaml(), "yaml"),
            Code(recommended.command, "bash"),
        ]
    if report.convergence is not None:
        by_runs = tables.convergence_table(report.convergence)
        blocks += [
            Heading("Would more runs help?"),
            Text(headlines.convergence_sentence(report)),
            *_chart(charts, "convergence"),
            Table("convergence", "Expected best by number of runs", by_runs, most=0),
        ]
    blocks += [Heading("Conclusion"), Text(headlines.conclusion(report))]
    return Section("Findings and recommendations", headlines.findings_headline(report), tuple(blocks))


_SECTIONS: tuple[Builder, ...] = (
    _overview,
    _data,
    _best_run,
    _impact,
    _interactions,
    _top_runs,
    _parallel_coordinates,
    _correlation,
    _learning_curves,
    _comparison,
    _trade_off,
    _cost,
    _findings,
)
