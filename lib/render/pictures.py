"""Charts as pictures, SVG and PNG: drawn by the libraries inside vl-convert, with its own font, and no network."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal
from xml.sax.saxutils import escape

from lib.charts.names import one_line
from lib.render.provenance import provenance_text
from lib.render.vega import THEMES

if TYPE_CHECKING:
    from lib.results.report import Report

WIDTH = 760
PIXELS = 2
"""Pixels of a PNG to one unit of the chart."""

# It comes with vl-convert, so a picture is the same on every machine; Arial has the same widths.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"

Theme = Literal["light", "dark"]


@dataclass(frozen=True, eq=False, slots=True)
class Picture:
    """A chart that is to be drawn as a picture."""

    key: str
    """The chart's own key."""
    file_name: str
    """Its file's name without the ending."""
    title: str
    alternative: str
    """What it shows, in words."""
    spec: dict[str, Any]
    """The Vega-Lite spec, with its data inside."""


def svg_of(picture: Picture, report: Report, theme: Theme = "light") -> str:
    """Return a chart as SVG, 760 wide, on the theme's background; its words and the report's provenance are inside."""
    whole = _drawn(picture, theme)
    head = re.match(r"<svg\b[^>]*>", whole)
    if head is None:
        raise ValueError(f"The chart {picture.title!r} was not drawn as SVG.")
    words = (
        f"<title>{escape(one_line(picture.title))}</title><desc>{escape(one_line(picture.alternative))}</desc>"
        f"<metadata>{escape(provenance_text(report))}</metadata>"
    )
    opening = head.group(0)[:-1] + f' role="img" aria-label={_quoted(one_line(picture.alternative))}>'
    return opening + words + whole[head.end() :] + "\n"


def png_of(picture: Picture, report: Report, theme: Theme = "light") -> bytes:
    """Return a chart as PNG, 1520 pixels wide; its words and the report's provenance are in its text chunks."""
    import vl_convert
    from PIL import Image, PngImagePlugin

    drawn = vl_convert.svg_to_png(flat(_drawn(picture, theme)), scale=PIXELS)
    told = PngImagePlugin.PngInfo()
    told.add_itxt("Title", picture.title)
    told.add_itxt("Description", picture.alternative)
    told.add_itxt("Comment", provenance_text(report))
    out = io.BytesIO()
    with Image.open(io.BytesIO(drawn)) as image:
        image.convert("RGB").save(out, "PNG", pnginfo=told)
    return out.getvalue()


# An archive holds the same drawing as SVG and as PNG, one after the other.
@lru_cache(maxsize=1)
def _drawn(picture: Picture, theme: Theme) -> str:
    import vl_convert

    spec = {**picture.spec, "width": WIDTH}
    config = {**THEMES[theme], "font": FONT, "padding": 12}
    # No address may be read, whatever a spec says: everything drawn is inside it.
    svg: str = vl_convert.vegalite_to_svg(spec, config=config, allowed_base_urls=[])
    return numbered_from_one(svg)


def numbered_from_one(svg: str) -> str:
    """Count gradients and clips from 1: the library counts them over the whole process."""
    names = dict.fromkeys(re.findall(r'<(?:linearGradient|radialGradient|clipPath) id="([^"]+)"', svg))
    for number, name in enumerate(names, start=1):
        svg = svg.replace(f'id="{name}"', f'id="part-{number}"').replace(f"url(#{name})", f"url(#part-{number})")
    return svg


def flat(svg: str) -> str:
    """Say opacity of a mark by its fill and stroke: painting it as a group takes the renderer a canvas a mark."""
    return re.sub(r"<path\b[^<>]*>(?:</path>)?", _flat_path, svg)


def _flat_path(found: re.Match[str]) -> str:
    path = found[0]
    if ' opacity="0"' in path and path.endswith(("/>", "</path>")):
        return ""
    return re.sub(r' opacity="([^"]+)"', r' fill-opacity="\1" stroke-opacity="\1"', path)


def _quoted(text: str) -> str:
    return '"' + escape(text, {'"': "&quot;"}) + '"'
