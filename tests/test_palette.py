"""The theme of the app and the colours of the charts are one palette, readable on both backgrounds."""

import itertools
import tomllib
from pathlib import Path

import numpy as np
import pytest

from lib.charts.palette import ACCENT, CATEGORICAL, DARK, GREY, LIGHT, SEQUENTIAL, Surface

CONFIG = Path(__file__).parent.parent / ".streamlit" / "config.toml"
THEME = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"]
SURFACES = {"light": LIGHT, "dark": DARK}

# Linear-RGB simulation of each dichromacy at full severity: Machado, Oliveira & Fernandes (2009), table 1.
VISION = {
    "full": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def channels(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def linear(colour: str) -> np.ndarray:
    parts = np.array(channels(colour)) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2.2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def oklab(channels: np.ndarray) -> np.ndarray:
    """Oklab of linear RGB, on a scale where lightness goes from 0 to 100 (Ottosson, 2020)."""
    to_cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    to_lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return 100 * to_lab @ np.cbrt(to_cones @ np.clip(channels, 0, 1))


def test_the_theme_and_the_charts_use_the_same_colours():
    assert tuple(THEME["chartCategoricalColors"]) == CATEGORICAL
    assert tuple(THEME["chartSequentialColors"]) == SEQUENTIAL
    assert CATEGORICAL[0] == ACCENT


@pytest.mark.parametrize("mode", SURFACES)
def test_the_theme_and_the_charts_stand_on_the_same_surfaces(mode):
    theme, surface = THEME[mode], SURFACES[mode]
    assert theme["backgroundColor"] == surface.background
    assert theme["secondaryBackgroundColor"] == theme["sidebar"]["backgroundColor"] == surface.secondary
    assert theme["textColor"] == surface.text
    assert theme["dataframeHeaderTextColor"] == surface.muted
    assert theme["dataframeBorderColor"] == surface.grid


def test_streamlit_takes_the_sequential_scale():
    """It ignores a list of any other length than ten."""
    assert len(SEQUENTIAL) == 10


@pytest.mark.parametrize("mode", SURFACES)
@pytest.mark.parametrize(
    "role", ["textColor", "linkColor", "codeTextColor", "dataframeHeaderTextColor", "primaryColor"]
)
def test_text_of_the_theme_is_readable_in_the_page_and_the_sidebar(mode, role):
    theme = THEME[mode]
    backgrounds = {theme["backgroundColor"], theme["secondaryBackgroundColor"]}
    if role == "textColor":
        backgrounds.add(theme["sidebar"]["secondaryBackgroundColor"])
    assert min(contrast(theme[role], background) for background in backgrounds) >= 4.5


def test_white_text_on_the_accent_is_readable_where_there_is_some():
    """On a dark page none stands there: lib/ui/style.css gives tags another ground, and no button is primary."""
    assert contrast("#ffffff", THEME["light"]["primaryColor"]) >= 4.5


@pytest.mark.parametrize("mode", SURFACES)
def test_a_caption_is_readable(mode):
    """Streamlit writes it in the text's colour at 60% opacity."""
    theme = THEME[mode]
    for background in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        pairs = zip(channels(theme["textColor"]), channels(background), strict=True)
        seen = "#" + "".join(f"{round(0.6 * text + 0.4 * ground):02x}" for text, ground in pairs)
        assert contrast(seen, background) >= 4.5


@pytest.mark.parametrize("surface", [LIGHT, DARK], ids=["light", "dark"])
def test_chart_text_is_readable(surface: Surface):
    assert contrast(surface.text, surface.background) >= 7
    assert contrast(surface.muted, surface.background) >= 4.5


@pytest.mark.parametrize("surface", [LIGHT, DARK], ids=["light", "dark"])
def test_marks_stand_out_from_the_background(surface: Surface):
    """Three to one for marks; the ends of the sequential scale are seen, its middle stands out."""
    for colour in (ACCENT, GREY, *CATEGORICAL):
        assert contrast(colour, surface.background) >= 3
    # On a dark page the worst runs are the darkest, and must be seen as dots of a few pixels.
    assert min(contrast(colour, surface.background) for colour in SEQUENTIAL) >= (2 if surface is DARK else 1.5)


def test_the_sequential_scale_gets_lighter_with_every_step():
    lightness = [luminance(colour) for colour in SEQUENTIAL]
    assert lightness == sorted(set(lightness))


@pytest.mark.parametrize("vision", VISION)
def test_categories_are_told_apart_by_every_eye(vision):
    """Every pair differs by 10 or more in Oklab; a difference of 2 is about the least that is seen side by side."""
    seen = [oklab(VISION[vision] @ linear(colour)) for colour in (*CATEGORICAL, GREY)]
    assert min(np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2)) >= 10
