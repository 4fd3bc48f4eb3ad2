"""Parallel coordinates of a small made sweep, as a person handles them in a browser: what is seen, and the gestures."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page

from lib.model.filters import filter_of
from testing.browser.frame import runs_kept
from testing.browser.server import App, running_app
from testing.browser.visit import PATIENCE, wait_until_drawn
from testing.exports import to_csv

GREY = "#8a8f98"
RUNS = 40
AXES = ("batch", "lossname", "lr", "momentum", "score")
CONFIG = """
method: random
metric: {name: score, goal: maximize}
parameters:
  batch: {values: [4, 8, 16]}
  lossname: {values: [tversky, bce, dice]}
  lr: {min: 0.0001, max: 0.1}
  momentum: {min: 0.1, max: 0.9}
"""


def made_runs() -> list[dict[str, object]]:
    """Make runs of which lr matters most, by golden-ratio sequences; every eighth has no momentum."""
    spread = [(i * 0.6180339887) % 1 for i in range(RUNS)]
    return [
        {
            "Name": f"run-{i}",
            "State": "finished",
            "Created": f"2025-01-01T00:{i:02d}:00.000Z",
            "Runtime": 60,
            "Sweep": "abcd1234",
            "ID": f"id{i:02d}",
            "batch": (4, 8, 16)[i % 3],
            "lossname": ("tversky", "bce", "dice")[i % 7 % 3],
            "lr": round(10 ** (-4 + 3 * spread[i]), 7),
            "momentum": None if i % 8 == 7 else round(0.1 + 0.8 * ((i * 0.7548776662) % 1), 4),
            "score": round(1 - (spread[i] - 0.5) ** 2 + 0.001 * (i % 5), 6),
        }
        for i in range(RUNS)
    ]


@dataclass
class Picture:
    """The page of parallel coordinates, and what its chart shows."""

    page: Page
    url: str

    def settle(self) -> None:
        self.page.wait_for_timeout(250)
        wait_until_drawn(self.page)

    def expect(self, read: Callable[[], object], value: object) -> None:
        """Read the page until it shows what it should: a browser draws in its own time."""
        waited = 0
        while (seen := read()) != value and waited < PATIENCE:
            self.page.wait_for_timeout(100)
            waited += 100
        assert seen == value

    def open(self, query: str = "") -> None:
        """Open the page as an address asks for it. A page that stands as it is opened first is taken as it is."""
        address = f"{self.url}/parallel-coordinates{query}"
        if query or self.page.url != address:
            self.page.goto(address)
        self.page.mouse.move(0, 0)
        self.settle()

    @property
    def chart(self):
        return self.page.locator('[data-testid="stVegaLiteChart"]').first

    def lines(self) -> list[dict[str, str]]:
        """Stroke and width of each line, by its first stretch, and of the one that is pointed at."""
        return self.chart.evaluate(
            """chart => [...chart.querySelectorAll('g.lit_0_marks line, g.mark-line path')].map(line => ({
                 stroke: line.getAttribute('stroke'), width: line.getAttribute('stroke-width')}))"""
        )

    def stretches(self) -> list[int]:
        """How many lines are drawn between each axis and the next."""
        return self.chart.evaluate(
            """chart => [...chart.querySelectorAll('g[class*=" lit_"]')].map(
                 stretch => stretch.querySelectorAll('line').length)"""
        )

    def lit(self) -> int:
        return sum(line["stroke"] != GREY for line in self.lines())

    def colours(self) -> set[str]:
        return {line["stroke"] for line in self.lines()} - {GREY}

    def lifted(self) -> int:
        return sum(line["width"] == "4" for line in self.lines())

    def texts(self) -> dict[str, tuple[float, float]]:
        """Where each text of the chart stands, in pixels of the page; the lowest place of a text that stands twice."""
        return self.chart.evaluate(
            """chart => Object.fromEntries([...chart.querySelectorAll('text')].map(text => {
                 const box = text.getBoundingClientRect();
                 return [text.textContent, [box.x + box.width / 2, box.y + box.height / 2]]})
                 .sort((a, b) => a[1][1] - b[1][1]))"""
        )

    def titles(self) -> list[str]:
        """Titles of the axes, left to right, with what is said of them in brackets."""
        places = {t: at for t, at in self.texts().items() if t.split(" (")[0] in AXES and at[1] > self.top()}
        return sorted(places, key=lambda title: places[title][0])

    def names(self) -> list[str]:
        return [title.split(" (")[0] for title in self.titles()]

    def top(self) -> float:
        """Where titles begin: the legend lies above."""
        return max(at[1] for text, at in self.texts().items() if text.split(" (")[0] in AXES) - 8

    def axis(self, title: str) -> tuple[float, float, float]:
        """Place of an axis on the page: x, and y of its high and low end."""
        x = next(at[0] for t, at in self.texts().items() if t == title or t.startswith(f"{title} ("))
        rule = self.chart.evaluate(
            """(chart, x) => [...chart.querySelectorAll('g.mark-rule line')].map(r => r.getBoundingClientRect())
                 .map(r => [r.x + r.width / 2, r.top, r.bottom])
                 .sort((a, b) => Math.abs(a[0] - x) - Math.abs(b[0] - x))[0]""",
            x,
        )
        return tuple(rule)

    def brush(
        self, title: str, low: float, high: float, release: bool = True, start: float = -10, end: float = 10
    ) -> None:
        """Drag along an axis from the place `high` to `low`, both 0..1; start, end : pixels beside it."""
        x, top, bottom = self.axis(title)
        mouse = self.page.mouse
        mouse.move(x + start, bottom - high * (bottom - top))
        mouse.down()
        mouse.move(x + (start + end) / 2, bottom - (high + low) / 2 * (bottom - top), steps=3)
        mouse.move(x + end, bottom - low * (bottom - top), steps=3)
        if release:
            mouse.up()
            self.settle()

    def drag_name(self, name: str, to: str, wobble: float) -> None:
        """Drag an axis by its name to the place of another one's; wobble : pixels up and down on the way."""
        title = next(t for t in self.titles() if t.split(" (")[0] == name)
        other = next(t for t in self.titles() if t.split(" (")[0] == to)
        (x, y), (to_x, _) = self.texts()[title], self.texts()[other]
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        for step in range(1, 7):
            mouse.move(x + (to_x - x) * step / 6, y + wobble * (-1) ** step)
        mouse.up()
        self.settle()

    def drag_end(self, name: str, *, upper: bool, to: float) -> None:
        """Drag the end of an axis, at its right, to a place along it, 0 to 1, as a hand does: not quite straight."""
        x, top, bottom = self.axis(name)
        mouse = self.page.mouse
        mouse.move(x + 12, top if upper else bottom)
        mouse.down()
        mouse.move(x + 9, bottom - (0.9 if upper else 0.1) * (bottom - top), steps=2)
        mouse.move(x - 3, bottom - to * (bottom - top), steps=4)
        mouse.up()
        self.settle()

    def beside(self, title: str) -> tuple[float, float]:
        """A place on the line of the best run, 20 pixels left of an axis that has it at its top."""
        best = max(made_runs(), key=lambda r: r["score"])
        before = self.names()[self.names().index(title) - 1]
        values = [r[before] for r in made_runs() if r[before] is not None]
        share = (best[before] - min(values)) / (max(values) - min(values))
        (x, top, bottom), (other, _, _) = self.axis(title), self.axis(before)
        return x - 20, top + (bottom - top) * (1 - share) * 20 / (x - other)

    def chips(self, name: str = "chip") -> list[str]:
        found = self.page.locator(f'[class*="st-key-{name}-"]').all_inner_texts()
        return [c.removesuffix("close").strip() for c in found]

    def highlighted(self) -> int:
        """How many runs the bar says are highlighted; all where there is no such bar."""
        bar = self.page.locator(".st-key-highlighted")
        return int(bar.inner_text().split(" of ")[0]) if bar.count() else RUNS

    def kept(self) -> int:
        """How many runs the page says are kept."""
        return runs_kept(self.page)

    def asked(self, key: str) -> list[str]:
        return parse_qs(urlsplit(self.page.url).query).get(key, [])

    def show_axes(self, axis: str | None = None) -> None:
        if not self.page.get_by_role("combobox", name="Change the axis").is_visible():
            self.page.get_by_text("Axes: order, direction, scale").click()
        self.settle()
        if axis:
            self.choose("Change the axis", axis)

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_role("combobox", name=label).click()
        self.page.get_by_role("option", name=option, exact=True).click()
        # The list closes before the choice is sent.
        self.page.wait_for_timeout(500)
        self.settle()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.settle()

    def choose_row(self, row: int) -> None:
        box = self.page.locator('[data-testid="stDataFrame"]').first.bounding_box()
        self.page.mouse.click(box["x"] + 20, box["y"] + 36 * (row + 1.5))
        self.settle()


@contextmanager
def small_app(folder: Path, first: str = "") -> Iterator[App]:
    """Run the app on the made runs, written into a folder. first : see `running_app`."""
    runs = made_runs()
    (folder / "runs.csv").write_text(to_csv(list(runs[0]), [list(run.values()) for run in runs]), encoding="utf-8")
    (folder / "sweep.yaml").write_text(CONFIG, encoding="utf-8")
    sources = [str(folder / "runs.csv"), "--sweep-config", str(folder / "sweep.yaml")]
    with running_app(folder / "log.txt", sources, first=first) as app:
        yield app


def passes(run: dict[str, object], text: str) -> bool:
    """Whether a made run is kept by a filter's text, worked out again."""
    one, value = filter_of(text), run[filter_of(text).column]
    if one.values is not None:
        return ("" if value is None else str(value)) in one.values
    low, high = (one.low or -math.inf), (math.inf if one.high is None else one.high)
    return value is not None and low <= float(value) <= high
