"""The report as one HTML file that needs no network: interactive charts, tables, light and dark, printable."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from lib.charts.drawing import NotDrawn, drawn
from lib.charts.palette import DARK, LIGHT
from lib.model.numbers import MISSING, exact, number
from lib.report import headlines
from lib.report.document import Block, Chart, Code, Heading, Items, Table, Text, document
from lib.report.figures import THEMES
from lib.report.stamp import stamp_of

if TYPE_CHECKING:
    from lib.results.report import Report

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
    sections = document(report)
    figures = [block.figure for section in sections for block in section.blocks if isinstance(block, Chart)]
    made = {f"chart-{i}": drawn(figure.spec) for i, figure in enumerate(figures)}
    specs = {key: spec for key, spec in made.items() if not isinstance(spec, NotDrawn)}
    # Room for each chart is kept free, so that nothing moves when it is drawn.
    charts = {
        figure.key: {"kind": "text", "text": spec.sentence(figure.alternative)}
        if isinstance(spec, NotDrawn)
        else {"kind": "chart", "key": key, "figure": figure, "height": spec.get("height", 0)}
        for figure, (key, spec) in zip(figures, made.items(), strict=True)
    }
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
        sections=[
            {
                "title": section.title,
                "headline": section.headline,
                "blocks": [_written(b, charts) for b in section.blocks if not isinstance(b, Table) or b.most],
            }
            for section in sections
        ],
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


def _written(block: Block, charts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what the template needs of a block; `charts` holds that of the charts by the figure's key."""
    if isinstance(block, Heading):
        return {"kind": "heading", "text": block.text}
    if isinstance(block, Text):
        return {"kind": "text", "text": block.text}
    if isinstance(block, Items):
        return {"kind": "list", "items": block.items}
    if isinstance(block, Code):
        return {"kind": "code", "text": block.text}
    if isinstance(block, Chart):
        return dict(charts[block.figure.key])
    return _table(block)


def _table(block: Table) -> dict[str, Any]:
    table = block.table
    numeric = [
        bool(pd.api.types.is_numeric_dtype(table.iloc[:, i]) and not pd.api.types.is_bool_dtype(table.iloc[:, i]))
        for i in range(table.shape[1])
    ]
    rows = [[_cell(v) for v in row] for row in table.head(block.most).itertuples(index=False, name=None)]
    heads, more = [str(c) for c in table.columns], len(table) - block.most
    return {"kind": "table", "label": block.label, "heads": heads, "numeric": numeric, "rows": rows, "more": more}


def _cell(value: Any) -> dict[str, str]:
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return {"text": MISSING, "full": ""}
    if isinstance(value, float):
        return {"text": number(value), "full": exact(value)}
    return {"text": number(value) if isinstance(value, (bool, int)) else str(value), "full": ""}
