"""The report as one HTML file that needs no network: interactive charts, tables, light and dark, printable."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from lib.charts.palette import DARK, LIGHT
from lib.numbers import MISSING, exact, number
from lib.report import headlines, tables
from lib.report.copies import as_yaml
from lib.report.figures import THEMES, figures
from lib.report.sections import findings_by_section
from lib.report.stamp import stamp_of

if TYPE_CHECKING:
    from lib.report.results import Report

MOST_ROWS = 200
_TEMPLATE = Path(__file__).with_name("report.html.j2")
_SCRIPT = Path(__file__).with_name("report.js.j2")


def report_as_html(report: Report) -> str:
    """Write the whole report as one HTML file; charts are drawn by the Vega libraries inside it (vl-convert's bundle).

    Text from the data is escaped by the template; specs stand as JSON in which no "<" is left. The page's own policy
    lets the browser run these two scripts and no other, and ask no host for anything.
    """
    import jinja2
    import vl_convert

    library: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    drawn: list[dict[str, Any]] = [{"key": f"chart-{i}", "figure": f} for i, f in enumerate(figures(report))]
    specs = {item["key"]: item["figure"].spec() for item in drawn}
    for item in drawn:
        # Room for the chart is kept free, so that nothing moves when it is drawn.
        item["height"] = specs[item["key"]].get("height", 0)
    scripts = [
        library.replace("</script", "<\\/script"),
        environment.from_string(_SCRIPT.read_text(encoding="utf-8")).render(
            specs=_script_safe(json.dumps(specs, ensure_ascii=False, allow_nan=False, separators=(",", ":"))),
            themes=_script_safe(json.dumps(THEMES, separators=(",", ":"))),
        ),
    ]
    return template.render(
        title=f"Sweep report: {report.sweep.origin.label}",
        rule=headlines.objective_rule(report),
        sections=_sections(report, drawn),
        stamp=stamp_of(report),
        scripts=scripts,
        fingerprints=[_fingerprint(script) for script in scripts],
        light=LIGHT,
        dark=DARK,
    )


def _fingerprint(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _script_safe(text: str) -> str:
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _sections(report: Report, drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    best, recommended = report.best_run, report.next_sweep
    by_section: dict[str, list[dict[str, Any]]] = {}
    for item in drawn:
        by_section.setdefault(item["figure"].section, []).append(item)

    def charts(section: str) -> list[dict[str, Any]]:
        return [{"kind": "chart", **item} for item in by_section.get(section, [])]

    def impact_blocks() -> list[dict[str, Any]]:
        blocks: list[dict[str, Any]] = [_text(headlines.sampling_caveat(report)), _table(tables.effects_table(report))]
        by_key = {item["figure"].key: item for item in by_section.get("hyperparameter-impact", [])}
        for discrete in report.discrete:
            blocks += [_heading(discrete.parameter), _text(headlines.discrete_sentence(report, discrete))]
            blocks += _chart_of(by_key.get(f"levels-{discrete.parameter}"))
            blocks.append(_table(tables.levels_table(discrete)))
        for continuous in report.continuous:
            blocks += [_heading(continuous.parameter), _text(headlines.continuous_sentence(report, continuous))]
            blocks += _chart_of(by_key.get(f"trend-{continuous.parameter}"))
            blocks.append(_table(tables.bins_table(continuous)))
        model = _chart_of(by_key.get("partial-dependence"))
        if model:
            blocks += [_heading(model[0]["figure"].title), _text(headlines.dependence_sentence(report)), *model]
        return blocks

    findings: list[dict[str, Any]] = []
    for heading, found in findings_by_section(report):
        findings.append(_heading(heading))
        findings.append({"kind": "list", "items": [f"{f.text} ({f.strength})" for f in found]})
    findings.append(_heading("What to sweep next"))
    findings.append(_text(headlines.next_sweep_sentence(report)))
    if recommended is not None:
        changes = [f"{c.parameter}: {c.action}, {c.before} → {c.after}. {c.why}" for c in recommended.changes]
        findings.append({"kind": "list", "items": changes})
        findings.append(_text(f"{recommended.runs_why} {recommended.expected}"))
        findings += [_code(recommended.to_yaml()), _code(recommended.command)]
    if report.convergence is not None:
        findings += [_heading("Would more runs help?"), _text(headlines.convergence_sentence(report))]
        findings += charts("findings")
    findings += [_heading("Conclusion"), _text(headlines.conclusion(report))]

    sections = [
        (
            "Overview",
            headlines.overview_headline(report),
            [
                *charts("overview"),
                _table(tables.search_space_table(report, "searched")),
                _table(tables.search_space_table(report, "fixed")),
                _table(tables.states_table(report)),
            ],
        ),
        (
            "Data",
            headlines.data_headline(report),
            [
                _table(tables.ledger_table(report)),
                {"kind": "list", "items": list(report.warnings)},
                _table(tables.columns_table(report)),
            ],
        ),
        (
            "Best run",
            headlines.best_run_headline(report),
            [
                _text(headlines.noise_sentence(report) if best else None),
                *charts("best-run"),
                _text(headlines.repeats_sentence(report)),
                _table(tables.repeats_table(report)),
                _code(as_yaml(best.parameters, best.fixed) if best else None),
                _table(tables.metrics_table(report)),
                _table(tables.tie_table(report)),
            ],
        ),
        ("Hyperparameter impact", headlines.impact_headline(report), impact_blocks()),
        (
            "Interactions",
            headlines.interactions_headline(report),
            [*charts("interactions"), _table(tables.interactions_table(report))],
        ),
        (
            "Top runs",
            headlines.top_runs_headline(report),
            [*charts("top-runs"), _table(tables.top_runs_table(report)), _table(tables.shared_table(report))],
        ),
        (
            "Parallel coordinates",
            headlines.parallel_coordinates_headline(report),
            charts("parallel-coordinates"),
        ),
        (
            "Correlation and importance",
            headlines.correlation_headline(report),
            [
                *charts("correlation"),
                _table(tables.correlations_table(report)),
                _text(headlines.importance_sentence(report)),
                _table(tables.importance_table(report)),
            ],
        ),
        ("Findings and recommendations", headlines.findings_headline(report), findings),
    ]
    shown = [(title, headline, [b for b in blocks if b.get("kind")]) for title, headline, blocks in sections]
    for title, _, blocks in shown:
        for place, table in enumerate((b for b in blocks if b["kind"] == "table"), start=1):
            table["label"] = f"{title}, table {place}"
    return [{"title": title, "headline": headline, "blocks": blocks} for title, headline, blocks in shown]


def _heading(text: str) -> dict[str, Any]:
    return {"kind": "heading", "text": text}


def _text(text: str | None) -> dict[str, Any]:
    return {"kind": "text", "text": text} if text else {}


def _code(text: str | None) -> dict[str, Any]:
    return {"kind": "code", "text": text} if text else {}


def _chart_of(item: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [] if item is None else [{"kind": "chart", **item}]


def _table(table: pd.DataFrame) -> dict[str, Any]:
    if table.empty:
        return {}
    numeric = [
        bool(pd.api.types.is_numeric_dtype(table.iloc[:, i]) and not pd.api.types.is_bool_dtype(table.iloc[:, i]))
        for i in range(table.shape[1])
    ]
    rows = [[_cell(v) for v in row] for row in table.head(MOST_ROWS).itertuples(index=False, name=None)]
    more = len(table) - MOST_ROWS
    return {"kind": "table", "heads": [str(c) for c in table.columns], "numeric": numeric, "rows": rows, "more": more}


def _cell(value: Any) -> dict[str, str]:
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return {"text": MISSING, "full": ""}
    if isinstance(value, float):
        return {"text": number(value), "full": exact(value)}
    return {"text": number(value) if isinstance(value, (bool, int)) else str(value), "full": ""}
