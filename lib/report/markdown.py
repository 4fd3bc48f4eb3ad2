"""The report as Markdown: the same sections as the pages, in the same order, with the tables behind the charts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from lib.numbers import MISSING, number
from lib.report import headlines, tables
from lib.report.copies import as_yaml
from lib.report.sections import findings_by_section
from lib.report.stamp import stamp_of

if TYPE_CHECKING:
    from lib.report.results import Report

_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~$#!@])")
MOST_ROWS = 200


Picture = Callable[[str], str]
"""From a figure's key to the Markdown that shows it, or to "" where there is no picture."""


def report_as_markdown(report: Report, pictures: Mapping[str, tuple[str, str]] | None = None) -> str:
    """Write the whole report as Markdown (UTF-8). Names from the data are escaped: none is read as markup.

    pictures : text alternative and relative path of each chart's picture, by the figure's key; without, none is shown.
    """

    def picture(key: str) -> str:
        alternative, path = (pictures or {}).get(key, ("", ""))
        return f"![{escaped(alternative)}]({path})" if path else ""

    parts = [f"# Sweep report: {escaped(report.sweep.origin.label)}", f"*{escaped(headlines.objective_rule(report))}*"]
    for title, body in _sections(report, picture):
        parts.append(f"## {title}")
        parts.extend(body)
    parts.append("---")
    parts.append("\n".join(f"- {what}: {escaped(value)}" for what, value in stamp_of(report)))
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(text: str) -> str:
    """Escape text so that Markdown shows it letter for letter; line breaks become spaces."""
    return _MARKUP.sub(r"\\\1", re.sub(r"\s+", " ", text))


def markdown_table(table: pd.DataFrame, most: int = MOST_ROWS) -> str:
    """Write a table in Markdown, numbers with four significant digits; rows beyond `most` are counted beneath."""
    if table.empty:
        return "*Nothing to list.*"
    head = table.head(most)
    lines = [_row([escaped(str(c)) for c in head.columns]), _row([_rule(head[c]) for c in head.columns])]
    lines += [_row([_cell(v) for v in row]) for row in head.itertuples(index=False, name=None)]
    if len(table) > most:
        lines.append(f"\n*{len(table) - most:,} further rows are not listed.*")
    return "\n".join(lines)


def _sections(report: Report, picture: Picture) -> list[tuple[str, list[str]]]:
    best = report.best_run
    overview = [
        escaped(headlines.overview_headline(report)),
        picture("objective-over-time"),
        markdown_table(tables.search_space_table(report, "searched")),
        "Fixed:" if not tables.search_space_table(report, "fixed").empty else "",
        markdown_table(tables.search_space_table(report, "fixed"))
        if not tables.search_space_table(report, "fixed").empty
        else "",
        markdown_table(tables.states_table(report)),
    ]
    data = [escaped(headlines.data_headline(report)), markdown_table(tables.ledger_table(report))]
    data += [f"> {escaped(warning)}" for warning in report.warnings]
    best_run = [escaped(headlines.best_run_headline(report))]
    if best is not None:
        best_run += [
            escaped(headlines.noise_sentence(report)),
            picture("distribution"),
            _fenced(as_yaml(best.parameters, best.fixed), "yaml"),
            markdown_table(tables.metrics_table(report)),
        ]
    if report.repeats is not None:
        best_run += ["### Repeats", escaped(headlines.repeats_sentence(report) or "")]
        best_run.append(markdown_table(tables.repeats_table(report)))
    impact = [
        escaped(headlines.impact_headline(report)),
        escaped(headlines.sampling_caveat(report) or ""),
        markdown_table(tables.effects_table(report)) if report.effects else "",
    ]
    for discrete in report.discrete:
        impact += [
            f"### {escaped(discrete.parameter)}",
            escaped(headlines.discrete_sentence(report, discrete)),
            picture(f"levels-{discrete.parameter}"),
            markdown_table(tables.levels_table(discrete)),
        ]
    for continuous in report.continuous:
        impact += [
            f"### {escaped(continuous.parameter)}",
            escaped(headlines.continuous_sentence(report, continuous)),
            picture(f"trend-{continuous.parameter}"),
            markdown_table(tables.bins_table(continuous)),
        ]
    if report.surrogate.trusted:
        impact += [
            "### What a model of the runs says",
            escaped(headlines.dependence_sentence(report)),
            picture("partial-dependence"),
        ]
    interactions = [
        escaped(headlines.interactions_headline(report)),
        picture("pairs"),
        picture("heat-map"),
        markdown_table(tables.interactions_table(report)),
    ]
    top = [
        escaped(headlines.top_runs_headline(report)),
        picture("top-runs"),
        markdown_table(tables.top_runs_table(report)),
        markdown_table(tables.shared_table(report)) if report.shared_by_top else "",
    ]
    correlation = [
        escaped(headlines.correlation_headline(report)),
        picture("correlations"),
        markdown_table(tables.correlations_table(report)) if report.correlations else "",
        escaped(headlines.importance_sentence(report)),
        picture("importance"),
        markdown_table(tables.importance_table(report)) if report.surrogate.trusted else "",
        picture("matrix"),
    ]
    return [
        ("Overview", overview),
        ("Data", data),
        ("Best run", best_run),
        ("Hyperparameter impact", impact),
        ("Interactions", interactions),
        ("Top runs", top),
        (
            "Parallel coordinates",
            [escaped(headlines.parallel_coordinates_headline(report)), picture("parallel-coordinates")],
        ),
        ("Correlation and importance", correlation),
        ("Findings and recommendations", _findings(report, picture)),
    ]


def _findings(report: Report, picture: Picture) -> list[str]:
    parts = [escaped(headlines.findings_headline(report))]
    for heading, found in findings_by_section(report):
        parts.append(f"### {heading}")
        parts.append("\n".join(f"- {escaped(f.text)} *({f.strength})*" for f in found))
    parts.append("### What to sweep next")
    if report.next_sweep is None:
        parts.append("These runs say too little to recommend a next sweep.")
    else:
        parts.append(escaped(headlines.next_sweep_sentence(report)))
        changes = report.next_sweep.changes
        parts.append(
            "\n".join(f"- {escaped(f'{c.parameter}: {c.action}, {c.before} → {c.after}. {c.why}')}" for c in changes)
        )
        parts.append(escaped(f"{report.next_sweep.runs_why} {report.next_sweep.expected}"))
        parts.append(_fenced(report.next_sweep.to_yaml(), "yaml"))
        parts.append(_fenced(report.next_sweep.command, "bash"))
    if report.convergence is not None:
        parts += ["### Would more runs help?", escaped(headlines.convergence_sentence(report)), picture("convergence")]
    parts.append("### Conclusion")
    parts.append(escaped(headlines.conclusion(report)))
    return parts


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _rule(column: pd.Series) -> str:
    return "---:" if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column) else "---"


def _cell(value: Any) -> str:
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return MISSING
    if isinstance(value, str):
        return escaped(value)
    return escaped(number(value)) if isinstance(value, (bool, int, float)) else escaped(str(value))


def _fenced(text: str, language: str) -> str:
    """Fence code with more backticks than it holds in a row."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
