"""Charts as Vega-Lite specs with their data inside, and the themes in which they are drawn outside the app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lib.charts.marks import AT_THEIR_LINES
from lib.charts.palette import CATEGORICAL, DARK, LIGHT, SEQUENTIAL, Surface
from lib.model.json_values import json_ready

if TYPE_CHECKING:
    from lib.sections.blocks import Chart

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def spec_of(chart: Chart) -> dict[str, Any] | None:
    """Return the chart as a Vega-Lite spec, as wide as its container; None where there is nothing to draw."""
    import altair as alt

    from lib.charts.tables import records, spec_and_tables

    # Altair holds each part against the schema of Vega-Lite, which takes a third of the time. Tests do that.
    alt.utils.schemapi.disable_debug_mode()
    drawing: Any = chart.draw(*chart.arguments, **chart.keywords)
    if drawing is None:
        return None
    spec, tables = spec_and_tables(drawing)
    spec["width"] = "container"
    spec["description"] = chart.alternative
    # The spec brings no colours of its own surroundings: the page's theme does.
    spec.pop("config", None)
    # Ends of axes near the largest float may be beyond it.
    finite: dict[str, Any] = json_ready(spec)
    return finite | {"datasets": finite.get("datasets", {}) | {name: records(one) for name, one in tables.items()}}


def theme(surface: Surface) -> dict[str, Any]:
    """Return a Vega-Lite config for charts that stand outside the app, on a light or dark surface."""
    axis = {
        **AT_THEIR_LINES,
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
