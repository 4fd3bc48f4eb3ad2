"""Charts as figures of a printed page: SVG and PDF as wide as one or two columns, text of 7 to 8 pt, safe in grey.

A chart is laid out at such a width that its words, 12 units high on a screen, are 7.9 pt on paper.
"""

from __future__ import annotations

import re
import textwrap
from itertools import groupby
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from lib.charts.names import one_line
from lib.charts.palette import CATEGORICAL, GREY, LIGHT, Surface
from lib.render.pictures import FONT, flat, numbered_from_one
from lib.render.vega import theme

if TYPE_CHECKING:
    from lib.render.pictures import Picture

WIDTHS = (84, 174)
"""Millimetres: one column and two, as most journals have them."""
SMALLEST, LARGEST = 7.0, 8.0
"""Points of text."""

_POINTS_PER_MILLIMETRE = 72 / 25.4
# Points to one unit of a chart.
_SCALE = 0.66
# The height of a plot to the width of the figure, at most; rows of a list keep theirs.
_TALLEST = 0.75
# Units: how wide a figure has room for a legend in columns; a letter; and how much of the width a title may take.
_COLUMNS_FROM, _LETTER, _OF_A_TITLE = 500, 6.2, 0.62
_PASSES = 4
_LISTED = re.compile(r" +/[A-Za-z]+\d+ \d+ 0 R\n")
_CLOSE = 0.5
# In grey, the lightness (CIE L*) of any two differs by 10 or more: 33, 70, 15, 57, 46, and 80 for the grey one.
IN_PRINT = dict(zip(CATEGORICAL, ("#1f4b9e", "#e89b3f", "#451039", "#1690d8", "#70712a"), strict=True)) | {
    GREY: "#c4c7cd"
}
# What charts write within a plot: lighter than print should be.
_INK = "#7b828d"
_PAPER = Surface(background="#ffffff", secondary="#ffffff", text="#111111", muted="#333333", grid="#dddddd")


def figure_svg(picture: Picture, millimetres: int) -> str:
    """Return a chart as SVG of a width on paper; what it shows in words is inside."""
    wanted = millimetres * _POINTS_PER_MILLIMETRE / _SCALE
    svg, height = _laid_out(picture.spec, wanted)
    body = _for_print(svg[svg.index(">") + 1 :])
    size = f'width="{millimetres}mm" height="{height * _SCALE / _POINTS_PER_MILLIMETRE:.2f}mm"'
    box = f'viewBox="0 0 {wanted:.2f} {height:.2f}"'
    words = f"<title>{escape(one_line(picture.title))}</title><desc>{escape(one_line(picture.alternative))}</desc>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} role="img">{words}{body}\n'


def figure_pdf(svg: str) -> bytes:
    """Return a figure as PDF: vectors, with the font inside."""
    import vl_convert

    # The renderer takes a number without a unit as points.
    def in_points(found: re.Match[str]) -> str:
        return f'{found[1]}="{float(found[2]) * _POINTS_PER_MILLIMETRE:.2f}"'

    head, rest = svg.split(">", 1)
    made: bytes = vl_convert.svg_to_pdf(flat(re.sub(r'\b(width|height)="([\d.]+)mm"', in_points, head) + ">" + rest))
    # The renderer lists what a page uses in an order that changes: sorted, the same figure has the same bytes.
    lines = made.splitlines(keepends=True)
    listed = groupby(lines, lambda line: _LISTED.fullmatch(line.decode("latin-1")) is not None)
    return b"".join(one for is_listed, some in listed for one in (sorted(some) if is_listed else some))


def _laid_out(spec: dict[str, Any], wanted: float) -> tuple[str, float]:
    """Return the chart as SVG of a width in units, and its height: the axes' words take what they take of it."""
    import vl_convert

    inner = wanted - 80
    for _ in range(_PASSES):
        config = {**theme(_PAPER), "font": FONT, "padding": 4}
        svg: str = vl_convert.vegalite_to_svg(
            _narrow(spec, wanted) | {"width": max(inner, 60)}, config=config, allowed_base_urls=[]
        )
        found = re.match(r'<svg\b[^>]*? width="([\d.]+)" height="([\d.]+)"', svg)
        if found is None:
            raise ValueError("The figure was not drawn as SVG.")
        width, height = float(found[1]), float(found[2])
        if abs(width - wanted) < _CLOSE or inner <= 60:
            break
        inner -= width - wanted
    # What can't be made narrow enough is made smaller as a whole.
    svg = numbered_from_one(svg)
    if width > wanted + _CLOSE:
        shrunk = wanted / width
        start = svg.index(">") + 1
        end = svg.rindex("</svg>")
        return f'{svg[:start]}<g transform="scale({shrunk:.4f})">{svg[start:end]}</g></svg>', height * shrunk
    return svg, height


def _narrow(spec: dict[str, Any], wanted: float) -> dict[str, Any]:
    """Return a spec that is no taller than a figure of that width should be, and whose words keep to the width."""
    height = spec.get("height")
    tall = isinstance(height, (int, float)) and height > _TALLEST * wanted and not _has_rows(spec)
    narrowed: dict[str, Any] = _narrow_words(spec, wanted)
    return narrowed | ({"height": _TALLEST * wanted} if tall else {})


def _narrow_words(part: Any, wanted: float) -> Any:
    """Return a part of a spec with legends below each other where they are long, and long titles of axes in lines."""
    if isinstance(part, list):
        return [_narrow_words(one, wanted) for one in part]
    if not isinstance(part, dict):
        return part
    narrowed = {
        key: value if key in ("data", "datasets") else _narrow_words(value, wanted) for key, value in part.items()
    }
    if isinstance(legend := narrowed.get("legend"), dict):
        narrowed["legend"] = legend | {"labelLimit": wanted * 0.85, "titleLimit": wanted * 0.85}
        if wanted < _COLUMNS_FROM:
            narrowed["legend"]["columns"] = 1
    title = narrowed.get("title")
    if isinstance(title, str) and "type" in narrowed and len(title) > (most := int(wanted * _OF_A_TITLE / _LETTER)):
        narrowed["title"] = textwrap.wrap(title, most)
    return narrowed


def _has_rows(spec: dict[str, Any]) -> bool:
    """Whether one of the marks stands in rows of names."""
    y = spec.get("encoding", {}).get("y", {})
    listed = isinstance(y, dict) and y.get("type") in ("nominal", "ordinal")
    return listed or any(_has_rows(layer) for layer in spec.get("layer", ()))


def _for_print(svg: str) -> str:
    return re.sub(r"<[a-z][^<>]*>", lambda found: _element(found[0]), svg)


def _element(tag: str) -> str:
    if tag.startswith("<text"):
        for pale in (GREY, _INK):
            tag = tag.replace(f'fill="{pale}"', f'fill="{LIGHT.text}"')
        # One font in one weight: the renderer numbers several in an order that changes.
        tag = re.sub(r' font-weight="[^"]*"', "", tag)
        return re.sub(r'font-size="([\d.]+)px"', _legible, tag)
    return re.sub(
        r'(fill|stroke)="(#[0-9a-f]{6})"', lambda found: f'{found[1]}="{IN_PRINT.get(found[2], found[2])}"', tag
    )


def _legible(found: re.Match[str]) -> str:
    size = min(max(float(found[1]), SMALLEST / _SCALE), LARGEST / _SCALE)
    return f'font-size="{size:.4g}px"'
