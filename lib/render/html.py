"""The report as one HTML file that needs no network: interactive charts, tables, light and dark, printable."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from lib.charts.drawing import NotDrawn, drawn
from lib.charts.palette import DARK, LIGHT
from lib.model.numbers import MISSING, exact, number
from lib.render.provenance import provenance
from lib.render.vega import THEMES, spec_of
from lib.render.written import WrittenBlock, WrittenSection, written
from lib.sections import BY_ADDRESS
from lib.sections.blocks import (
    HOW,
    Chart,
    Claim,
    Code,
    Heading,
    Items,
    Link,
    Method,
    Metric,
    Note,
    Table,
    Text,
    Warning,
    WebAddress,
)
from lib.sections.objective import objective_rule

if TYPE_CHECKING:
    import jinja2

    from lib.model.notes import Notes
    from lib.results.report import Report

# A table of more columns than these doesn't fit into half of the width.
NARROW = 4
# What is left of a chart's height on paper.
PLOT_ON_PAPER, ROWS_ON_PAPER = 0.35, 0.6
READ_THROUGH = ("summary", "findings")
_TEMPLATE = Path(__file__).with_name("report.html.j2")
_SCRIPT = Path(__file__).with_name("report.js.j2")


def report_as_html(report: Report, notes: Notes | None = None) -> str:
    """Write the whole report as one HTML file; charts are drawn by the Vega libraries inside it (vl-convert's bundle).

    Text from the data is escaped by the template; specs stand as JSON in which no "<" is left. The page's own policy
    lets the browser run these two scripts and no other, and ask no host for anything. notes : the reader's; those that
    came with the source if None.
    """
    page, script = _templates()
    specs: dict[str, dict[str, Any]] = {}
    sections = [_section(each, specs) for each in written(report, notes=notes)]
    scripts = [
        _libraries(),
        script.render(
            specs=_script_safe(json.dumps(specs, ensure_ascii=False, allow_nan=False, separators=(",", ":"))),
            themes=_script_safe(json.dumps(THEMES, separators=(",", ":"))),
        ),
    ]
    return page.render(
        title=(notes or report.sweep.notes).title or f"Sweep report: {report.sweep.origin.label}",
        rule=objective_rule(report),
        warnings=report.warnings,
        sections=sections,
        provenance=provenance(report),
        scripts=scripts,
        fingerprints=[_fingerprint(script) for script in scripts],
        light=LIGHT,
        dark=DARK,
    )


@cache
def _templates() -> tuple[jinja2.Template, jinja2.Template]:
    """Return the page and its script, compiled."""
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page, script = (environment.from_string(path.read_text(encoding="utf-8")) for path in (_TEMPLATE, _SCRIPT))
    return page, script


@cache
def _libraries() -> str:
    """Return the Vega libraries as one script; vl-convert takes a second to bundle them, the same ones each time."""
    import vl_convert

    bundle: str = vl_convert.javascript_bundle()
    return bundle.replace("</script", "<\\/script")


def _fingerprint(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _script_safe(text: str) -> str:
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _section(each: WrittenSection, specs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return what the template needs of a section; its charts' specs are added to `specs` by their element's id."""
    blocks = _placed([_chart(b, specs) if isinstance(b, Chart) else _written(b) for b in each.blocks], each.rows)
    return {
        "address": each.section.address,
        "title": each.section.title,
        "headline": each.headline,
        # After the answer and the story come parts for looking up, two in a row.
        "blocks": blocks if each.section.address in READ_THROUGH else _in_parts(blocks),
    }


def _placed(blocks: Sequence[dict[str, Any]], rows: Sequence[tuple[int, ...]]) -> list[dict[str, Any]]:
    """Put the parts of each row side by side, as many columns as it has; parts that hold nothing take none."""
    placed: list[dict[str, Any]] = []
    at = 0
    for row in rows:
        cells = [_paired(blocks[start:end]) for start, end in pairwise(row) if start < end]
        placed += _paired(blocks[at : row[0]])
        columns = len(row) - 1
        if columns > 1 and cells:
            placed.append({"kind": "grid", "cells": cells, "columns": columns})
        else:
            placed += [one for cell in cells for one in cell]
        at = row[-1]
    return placed + _paired(blocks[at:])


def _in_parts(blocks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Part a section at its headings; a part without a wide table or a row of its own needs half of the width."""
    parts: list[list[dict[str, Any]]] = [[]]
    level = min((block["level"] for block in blocks if block["kind"] == "heading"), default=0)
    for block in blocks:
        if block["kind"] == "heading" and block["level"] == level:
            parts.append([])
        parts[-1].append(block)
    parts = [part for part in parts if part]
    wide = [_is_wide(part) for part in parts]
    if parts and parts[0][0]["kind"] != "heading":
        # What the section begins with has half of the width only where the next part fits beside it.
        wide[0] = wide[0] or wide[1:2] != [False]
    return [{"kind": "parts", "parts": [{"blocks": p, "wide": w} for p, w in zip(parts, wide, strict=True)]}]


def _is_wide(part: Sequence[dict[str, Any]]) -> bool:
    kinds = {block["kind"] for block in part}
    tables = [block for block in part if block["kind"] == "table" and not block["folded"]]
    headed = "heading" in kinds
    return "grid" in kinds or any(len(t["heads"]) > NARROW for t in tables) or not (headed or "chart" in kinds)


def _paired(blocks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put a claim's picture beside it, and a number's link within it."""
    paired: list[dict[str, Any]] = []
    for block in blocks:
        before = paired[-1]["kind"] if paired else ""
        if before == "claim" and block.get("small"):
            paired[-1] = paired[-1] | {"picture": block}
        elif before == "metric" and block["kind"] == "link":
            paired[-1] = paired[-1] | {"link": block["link"]}
        else:
            paired.append(block)
    return paired


def _chart(block: Chart, specs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    spec = drawn(spec_of, block)
    if spec is None:
        return {"kind": "nothing"}
    if isinstance(spec, NotDrawn):
        return {"kind": "text", "text": spec.sentence(block.alternative)}
    key = f"chart-{len(specs)}"
    specs[key] = spec
    # Room for each chart is kept free, so that nothing moves when it is drawn.
    return {"kind": "chart", "key": key, "alternative": block.alternative, "height": spec.get("height", 0)} | {
        "small": block.small,
        "lower": ROWS_ON_PAPER if _has_rows(spec) else PLOT_ON_PAPER,
    }


def _has_rows(spec: dict[str, Any]) -> bool:
    """Say whether a chart writes a name at each of its rows, which need their height."""
    layers = [spec, *spec.get("layer", ())]
    return any(layer.get("encoding", {}).get("y", {}).get("type") == "nominal" for layer in layers)


def _written(block: WrittenBlock) -> dict[str, Any]:
    """Return what the template needs of a block that is no chart."""
    match block:
        case Heading():
            return {"kind": "heading", "text": block.text, "level": block.level + 2}
        case Text():
            return {"kind": "text", "text": block.text}
        case Note():
            return {"kind": "note", "text": block.text}
        case Method():
            return {"kind": "method", "title": HOW, "text": block.text}
        case Warning():
            return {"kind": "warning", "text": block.text}
        case Items():
            return {"kind": "list", "items": block.items}
        case Metric():
            return {"kind": "metric", "label": block.label, "value": block.value, "help": block.beside or block.help}
        case Claim():
            link = _there(block.link) if block.link else None
            return {"kind": "claim", "number": block.number, "text": block.sentence, "evidence": block.evidence} | {
                "strength": block.strength,
                "link": link,
            }
        case Link():
            return {"kind": "link", "link": _there(block)}
        case WebAddress():
            # As text: the page asks no other host for anything.
            return {"kind": "text", "text": f"{block.label}: {block.url}"}
        case Code():
            return {"kind": "code", "text": block.text, "folded": block.folded}
        case Table():
            return _table(block)
    raise TypeError(f"HTML has no form for {type(block).__name__}.")


def _there(link: Link) -> dict[str, str]:
    return {"address": link.address, "title": BY_ADDRESS[link.address].title}


def _table(block: Table) -> dict[str, Any]:
    if not block.written:
        where = "not listed here; the app has it, and the Markdown archive as CSV"
        return {"kind": "elsewhere", "text": f"{block.label}: {where}."}
    table = block.make()
    numeric = [
        bool(pd.api.types.is_numeric_dtype(table.iloc[:, i]) and not pd.api.types.is_bool_dtype(table.iloc[:, i]))
        for i in range(table.shape[1])
    ]
    rows = [[_cell(v) for v in row] for row in table.head(block.written).itertuples(index=False, name=None)]
    heads, more = [str(c) for c in table.columns], len(table) - block.written
    return {"kind": "table", "label": block.label, "heads": heads, "numeric": numeric, "rows": rows} | {
        "of_runs": block.run_ids is not None,
        "more": more,
        "folded": block.folded,
    }


def _cell(value: Any) -> dict[str, str]:
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return {"text": MISSING, "full": ""}
    if isinstance(value, float):
        return {"text": number(value), "full": exact(value)}
    return {"text": number(value) if isinstance(value, (bool, int)) else str(value), "full": ""}
