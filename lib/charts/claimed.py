"""What is drawn over the runs of one parameter of a claim: its curve with a band, its gain, and what is recommended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.effects import Effect
from lib.analysis.fitted_effect import FittedEffect
from lib.analysis.levels import text_of_level
from lib.charts.marks import for_field, on_axis, places_in
from lib.charts.names import tip_title
from lib.charts.palette import ACCENT
from lib.model.numbers import factor, with_interval
from lib.model.parameter import Scale

_SHADE = 0.12
# Words stand above the plot, where they cover no run.
ABOVE = -5


@dataclass(frozen=True, eq=False, slots=True)
class Overlay:
    """What the report says of one parameter, to be drawn over its runs; each part None where there is nothing."""

    fitted: FittedEffect | None = None
    """The curve that the claim rests on."""
    effect: Effect | None = None
    """The claimed effect, for its gain; None where none is claimed."""
    low: float | None = None
    """The recommended range, where it differs from what was searched."""
    high: float | None = None
    levels: tuple[Any, ...] | None = None
    """The recommended levels, where they differ from what was searched."""
    scale: Scale = "linear"
    """The scale of the objective's axis."""

    def drawn_on(self, scale: Scale, ends: tuple[float, float]) -> Overlay:
        """Return it as it is drawn over an axis of the objective between two ends."""
        fitted = self.fitted
        if fitted is not None:
            mean, low, high = (on_axis(one, scale, ends) for one in (fitted.mean, fitted.low, fitted.high))
            fitted = replace(fitted, mean=mean, low=low, high=high)
        return replace(self, fitted=fitted, scale=scale)


def gain_words(effect: Effect) -> str:
    """Write the gain of an effect with its uncertainty; by how many times where the objective spans decades."""
    if effect.times is not None:
        return f"{factor(effect.times)} times better"
    return f"gain {with_interval(effect.gain, effect.gain_low, effect.gain_high)}"


def range_shade(overlay: Overlay, x: alt.X, ends: tuple[float, float]) -> list[alt.Chart]:
    """Return the recommended range as a shade over the part of the axis between `ends`; nothing where there is none."""
    if overlay.low is None or overlay.high is None:
        return []
    low, high = max(float(overlay.low), ends[0]), min(float(overlay.high), ends[1])
    if low >= high:
        return []
    shade = pd.DataFrame({"x": [low], "x2": [high], "text": ["search here next"]})
    base = alt.Chart(shade)
    return [
        base.mark_rect(color=ACCENT, opacity=_SHADE).encode(x=x, x2=alt.X2("x2:Q")),
        base.mark_text(color=ACCENT, fontWeight="bold", align="left", baseline="bottom", dy=ABOVE).encode(
            x=x, y=alt.YValue(0), text=alt.Text("text:N")
        ),
    ]


def level_shade(overlay: Overlay, drawn: Sequence[str], x: alt.X) -> list[alt.Chart]:
    """Return the recommended levels, of those drawn, as shades; nothing where there are none."""
    if overlay.levels is None:
        return []
    places = [int(at) for at in places_in(drawn, [text_of_level(v) for v in overlay.levels]) if at >= 0]
    if not places:
        return []
    # Dots have places of their own beside a level's: a rectangle would take one of these for its width.
    wide = alt.expr(f"0.9 * width / {max(len(drawn), 1)}")
    ground = alt.Chart(pd.DataFrame({"x": places, "text": "search here next"})).encode(x=x)
    return [
        ground.mark_bar(color=ACCENT, opacity=_SHADE, size=wide).encode(
            y=alt.YValue(0), y2=alt.Y2Value(alt.expr("height"))
        ),
        ground.mark_text(color=ACCENT, fontWeight="bold", baseline="bottom", dy=ABOVE, limit=wide).encode(
            y=alt.YValue(0), text=alt.Text("text:N")
        ),
    ]


def curve_layers(overlay: Overlay, x: alt.X, y: alt.Y, name: str) -> list[alt.Chart]:
    """Return the curve along a range, with its 95 % band."""
    fitted = overlay.fitted
    if fitted is None:
        return []
    frame = pd.DataFrame({"x": fitted.places, "y": fitted.mean, "low": fitted.low, "high": fitted.high})
    base = alt.Chart(frame.astype(float)).encode(x=x)
    return [
        base.mark_area(color=ACCENT, opacity=0.22, clip=True).encode(y=for_field(y, "low"), y2=alt.Y2("high:Q")),
        base.mark_line(color=ACCENT, strokeWidth=2.5, clip=True).encode(y=y, tooltip=_tips(name, "x:Q")),
    ]


def level_layers(overlay: Overlay, drawn: Sequence[str], x: alt.X, *, y: alt.Y, name: str) -> list[alt.Chart]:
    """Return what is expected of each drawn level, with its 95 % interval."""
    fitted = overlay.fitted
    if fitted is None:
        return []
    place = places_in(drawn, [text_of_level(value) for value in fitted.places])
    frame = pd.DataFrame({"x": place, "y": fitted.mean, "low": fitted.low, "high": fitted.high})
    frame = frame[frame["x"] >= 0].assign(level=lambda f: [drawn[at] for at in f["x"]])
    base = alt.Chart(frame).encode(x=x)
    return [
        base.mark_rule(color=ACCENT, strokeWidth=3, clip=True).encode(y=for_field(y, "low"), y2=alt.Y2("high:Q")),
        base.mark_point(color=ACCENT, fill=ACCENT, shape="diamond", size=110, opacity=1, clip=True).encode(
            y=y, tooltip=_tips(name, "level:N")
        ),
    ]


def gain_layers(
    overlay: Overlay, better: Any, worse: Any, *, sign: int, x: alt.X, y: alt.Y, right: bool
) -> list[alt.Chart]:
    """Return the claimed gain as a bracket: from the worst place across to the best, and up to what is expected there.

    better, worse : where both stand on the axis. right : whether there is room for words at the right of the best.
    """
    effect, fitted = overlay.effect, overlay.fitted
    if effect is None or fitted is None or not effect.gain or better is None or worse is None or better == worse:
        return []
    top = fitted.at(effect.better)
    if top is None or not np.isfinite(top):
        return []
    bottom = top - sign * effect.gain if effect.times is None else top * effect.times**-sign
    if overlay.scale == "log" and bottom <= 0:
        return []
    middle = float(np.sqrt(top * bottom)) if overlay.scale == "log" else (top + bottom) / 2
    across = pd.DataFrame({"x": [worse, better], "y": [bottom, bottom]})
    bracket = pd.DataFrame({"x": [better], "y": [bottom], "y2": [top], "at": [middle], "text": [gain_words(effect)]})
    base = alt.Chart(bracket).encode(x=x)
    words = base.encode(y=for_field(y, "at"), text=alt.Text("text:N"))
    beside: dict[str, Any] = {"align": "left" if right else "right", "dx": 12 if right else -12}
    said = {"fontWeight": "bold", "fontSize": 13, **beside}
    return [
        alt.Chart(across).mark_line(color=ACCENT, strokeWidth=1.5, strokeDash=[4, 3], clip=True).encode(x=x, y=y),
        base.mark_rule(color=ACCENT, strokeWidth=3, clip=True).encode(y=y, y2=alt.Y2("y2:Q")),
        # White on a ground of the accent's: it is read over runs and curve, on a light and on a dark page.
        words.mark_text(color=ACCENT, stroke=ACCENT, strokeWidth=7, strokeJoin="round", **said),
        words.mark_text(color="#ffffff", **said),
    ]


def _tips(name: str, field: str) -> list[alt.Tooltip]:
    place = alt.Tooltip(field, title=tip_title(name), format=".3~g") if field.endswith("Q") else alt.Tooltip(field)
    return [
        place,
        alt.Tooltip("y:Q", title="expected", format=".4g"),
        alt.Tooltip("low:Q", title="95% from", format=".4g"),
        alt.Tooltip("high:Q", title="95% to", format=".4g"),
    ]
