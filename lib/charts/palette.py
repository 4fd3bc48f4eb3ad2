"""The colours of every chart, the same on a light and on a dark page.

One accent, one sequential scale for the objective, a short list for categories, grey for what is left out. Each colour
of a mark has a contrast of at least 3:1 with both backgrounds (the sequential scale, which is read along its whole
length, 1.5:1 on a light page and 2:1 on a dark one at its ends). `.streamlit/config.toml` states the same colours for
the app around the charts.
"""

from dataclasses import dataclass

ACCENT = "#366ad0"
"""The trend, the best so far, the chosen run: what a chart wants looked at."""

GREY = "#8a8f98"
"""Runs that were left out, and other marks in the background."""

CATEGORICAL = ("#366ad0", "#da7e1e", "#9e3f84", "#069ce4", "#666723")
"""Colours for categories without an order, distinguishable with each kind of colour blindness (and from `GREY`)."""

SEQUENTIAL = (
    "#3c508a",
    "#33638d",
    "#2b748e",
    "#24858e",
    "#20968b",
    "#25a784",
    "#38b777",
    "#58c665",
    "#80d24d",
    "#aedd30",
)
"""Low to high: viridis from 24% to 88%, whose ends are lost on neither background."""


@dataclass(frozen=True, slots=True)
class Surface:
    """What a chart stands on: `grid` is for lines that guide the eye, `muted` for secondary text."""

    background: str
    secondary: str
    text: str
    muted: str
    grid: str


LIGHT = Surface(background="#ffffff", secondary="#f4f6f8", text="#0f1720", muted="#5a6472", grid="#e1e6ec")
DARK = Surface(background="#12161c", secondary="#1b212a", text="#e6e9ee", muted="#a3acb8", grid="#2b333e")
