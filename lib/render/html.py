"""The report as one HTML file that needs no network: interactive charts, tables, light and dark, printable."""

from __future__ import annotations

import base64
import hashlib
import json
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
    from lib.model.notes import Notes
    from lib.results.report import Report

_TEMPLATE = Path(__file__).with_name("report.html.j2")
_SCRIPT = Path(__file__).with_name("report.js.j2")


def report_as_html(report: Report, notes: Notes | None = None) -> str:
    """Write the whole report as one HTML file; charts are drawn by the Vega libraries inside it (vl-convert's bundle).

    Text from the data is escaped by the template; specs stand as JSON in which no "<" is left. The page's own policy
    lets the browser run these two scripts and no other, and ask no host for anything. notes : the reader's; those that
    came with the source if None.
    """
    import jinja2
    import vl_convert

    library: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    specs: dict[str, dict[str, Any]] = {}
    sections = [_section(each, specs) for each in written(report, notes=notes)]
    scripts = [
        library.replace("</script", "<\\/script"),
        environment.from_string(_SCRIPT.read_text(encoding="utf-8")).render(
            specs=_script_safe(json.dumps(specs, ensure_ascii=False, allow_nan=False, separators=(",", ":"))),
            themes=_script_safe(json.dumps(THEMES, separators=(",", ":"))),
        ),
    ]
    return template.render(
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


def _fingerprint(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _script_safe(text: str) -> str:
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _section(each: WrittenSection, specs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return what the template needs of a section; its charts' specs are added to `specs` by their element's id."""
    return {
        "address": each.section.address,
        "title": each.section.title,
        "headline": each.headline,
        "more": each.section.group is not None,
        "blocks": [_chart(b, specs) if isinstance(b, Chart) else _written(b) for b in each.blocks],
    }


def _chart(block: Chart, specs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    spec = drawn(spec_of, block)
    if spec is None:
        return {"kind": "nothing"}
    if isinstance(spec, NotDrawn):
        return {"kind": "text", "text": spec.sentence(block.alternative)}
    key = f"chart-{len(specs)}"
    specs[key] = spec
    # Room for each chart is kept free, so that nothing moves when it is drawn.
    return {"kind": "chart", "key": key, "alternative": block.alternative, "height": spec.get("height", 0)}


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
        return {"kind": "text", "text": f"{block.label}: among the tables that come with the report as CSV."}
    table = block.make()
    numeric = [
        bool(pd.api.types.is_numeric_dtype(table.iloc[:, i]) and not pd.api.types.is_bool_dtype(table.iloc[:, i]))
        for i in range(table.shape[1])
    ]
    rows = [[_cell(v) for v in row] for row in table.head(block.written).itertuples(index=False, name=None)]
    heads, more = [str(c) for c in table.columns], len(table) - block.written
    return {"kind": "table", "label": block.label, "heads": heads, "numeric": numeric, "rows": rows} | {
        "more": more,
        "folded": block.folded,
    }


def _cell(value: Any) -> dict[str, str]:
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return {"text": MISSING, "full": ""}
    if isinstance(value, float):
        return {"text": number(value), "full": exact(value)}
    return {"text": number(value) if isinstance(value, (bool, int)) else str(value), "full": ""}
