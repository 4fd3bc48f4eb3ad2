"""The fourteen things that a reader can do with parallel coordinates, by mouse and keyboard, and what each changes."""

import csv
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from lib.model.filters import filter_of
from testing.browser.frame import runs_kept
from testing.browser.nightly import by_day
from testing.browser.server import App, running_app
from testing.browser.visit import IS_DRAWN, WIDE
from testing.exports import to_csv

PATIENCE = 60_000
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
        self.page.wait_for_function(IS_DRAWN, timeout=PATIENCE)

    def expect(self, read: Callable[[], object], value: object) -> None:
        """Read the page until it shows what it should: a browser draws in its own time."""
        waited = 0
        while (seen := read()) != value and waited < PATIENCE:
            self.page.wait_for_timeout(100)
            waited += 100
        assert seen == value

    def open(self, query: str = "") -> None:
        self.page.goto(f"{self.url}/parallel-coordinates{query}")
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


@pytest.fixture(scope="module")
def small_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("parallel")
    runs = made_runs()
    (folder / "runs.csv").write_text(to_csv(list(runs[0]), [list(run.values()) for run in runs]), encoding="utf-8")
    (folder / "sweep.yaml").write_text(CONFIG, encoding="utf-8")
    sources = [str(folder / "runs.csv"), "--sweep-config", str(folder / "sweep.yaml")]
    with running_app(folder / "log.txt", sources) as app:
        yield app


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": WIDE[0], "height": 1300}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()


@pytest.fixture
def picture(page: Page, small_app: App) -> Picture:
    return Picture(page, small_app.url)


def passes(run: dict[str, object], text: str) -> bool:
    """Whether a made run is kept by a filter's text, worked out again."""
    one, value = filter_of(text), run[filter_of(text).column]
    if one.values is not None:
        return ("" if value is None else str(value)) in one.values
    low, high = (one.low or -math.inf), (math.inf if one.high is None else one.high)
    return value is not None and low <= float(value) <= high


def test_brushes_light_lines_at_once_and_add_up_and_no_statistic_changes(picture):
    picture.open()
    assert (picture.lit(), picture.chips("lit"), picture.kept()) == (RUNS, [], RUNS)
    picture.brush("lr", 0.05, 0.6, release=False)
    before_release = picture.lit()
    assert 0 < before_release < RUNS
    assert picture.stretches() == [before_release] * (len(AXES) - 1)
    assert "light=" not in picture.page.url
    picture.page.mouse.up()
    picture.settle()
    picture.expect(lambda: len(picture.asked("light")), 1)
    first = picture.asked("light")
    assert before_release == sum(passes(r, first[0]) for r in made_runs())
    picture.expect(picture.highlighted, before_release)
    picture.expect(picture.lit, before_release)
    picture.brush("score", 0.5, 1.02)
    picture.expect(lambda: len(picture.asked("light")), 2)
    both = picture.asked("light")
    assert both[0] == first[0]
    assert len(both) == len(picture.chips("lit")) == 2
    lit = sum(all(passes(r, t) for t in both) for r in made_runs())
    picture.expect(picture.highlighted, lit)
    picture.expect(picture.lit, lit)
    assert picture.kept() == RUNS
    picture.press("Use only these runs")
    picture.expect(lambda: (picture.asked("only"), picture.asked("light")), (both, []))
    picture.expect(picture.kept, lit)
    picture.expect(picture.lit, lit)
    picture.press("All runs")
    assert (picture.lit(), picture.chips(), picture.kept(), picture.asked("only")) == (RUNS, [], RUNS, [])


BESIDE = {"straight": (0, 0), "right": (3, 3), "left": (-3, -3), "askew": (0, 3), "across": (3, -3)}
WAYS = {"down": (0.05, 0.6), "up": (0.6, 0.05)}
DRAGS = [(way, beside) for way in WAYS for beside in BESIDE]


@pytest.mark.parametrize("drag", by_day(DRAGS, [("up", "straight")]), ids="-".join)
def test_a_drag_straight_along_an_axis_or_3_pixels_beside_it_brushes_it(picture, drag):
    (low, high), (start, end) = WAYS[drag[0]], BESIDE[drag[1]]
    picture.open()
    picture.brush("lr", low, high, start=start, end=end)
    picture.expect(lambda: len(picture.asked("light")), 1)
    (asked,) = picture.asked("light")
    assert asked.startswith("lr:")
    kept = sum(passes(r, asked) for r in made_runs())
    assert 0 < kept < RUNS
    picture.expect(picture.highlighted, kept)
    picture.expect(picture.lit, kept)
    picture.expect(lambda: f"{kept} of {RUNS} runs" in picture.texts(), True)


def test_a_double_click_on_an_axis_frees_it(picture):
    picture.open()
    picture.brush("lr", 0.05, 0.6, start=0, end=0)
    picture.brush("score", 0.5, 1.02, start=0, end=0)
    picture.expect(lambda: len(picture.asked("light")), 2)
    first, second = picture.asked("light")
    x, top, bottom = picture.axis("lr")
    picture.page.mouse.dblclick(x, (top + bottom) / 2)
    picture.settle()
    picture.expect(lambda: picture.asked("light"), [second])
    picture.expect(picture.lit, sum(passes(r, second) for r in made_runs()))


# By day: `tests/test_parallel_page.py`.
@pytest.mark.nightly
def test_a_chip_is_removed_by_its_cross_and_turned_round(picture):
    picture.open("?only=lossname%3Ddice&only=batch%3D4%7C8")
    chosen = [r for r in made_runs() if r["lossname"] == "dice"]
    picture.expect(picture.kept, sum(r["batch"] != 16 for r in chosen))
    picture.press("Exclude instead")
    picture.expect(lambda: picture.asked("only"), ["lossname=dice", "-batch=4|8"])
    picture.expect(picture.kept, sum(r["batch"] == 16 for r in chosen))
    picture.expect(picture.lit, sum(r["batch"] == 16 for r in chosen))
    picture.page.locator(".st-key-chip-0 button").first.click()
    picture.settle()
    picture.expect(lambda: picture.asked("only"), ["-batch=4|8"])
    picture.expect(picture.kept, sum(r["batch"] == 16 for r in made_runs()))


def test_axes_are_moved_inverted_and_hidden(picture):
    picture.open()
    picture.expect(picture.names, list(AXES))
    picture.show_axes("batch")
    picture.press("Right")
    picture.expect(picture.names, ["lossname", "batch", "lr", "momentum", "score"])
    upright = picture.texts()
    picture.press("Invert")
    assert picture.asked("axes")[1] == "batch:inverted"
    assert "batch (inverted)" in picture.titles()
    assert upright["16"][1] < upright["4"][1]
    assert picture.texts()["16"][1] > picture.texts()["4"][1]
    picture.press("Hide")
    picture.expect(picture.names, ["lossname", "lr", "momentum", "score"])
    picture.press("As at first")
    picture.expect(picture.names, list(AXES))
    picture.expect(lambda: picture.asked("axes"), [])


@pytest.mark.parametrize("wobble", by_day([0, 4], [4]), ids=["straight", "wobbling"])
def test_an_axis_is_dragged_by_its_name_and_a_click_on_a_name_moves_nothing(picture, wobble):
    picture.open()
    picture.drag_name("batch", "lr", wobble)
    picture.expect(picture.names, ["lossname", "lr", "batch", "momentum", "score"])
    assert picture.asked("axes") == ["lossname", "lr", "batch", "momentum", "score"]
    picture.drag_name("lr", "lr", wobble)
    # What is brushed next moves nothing again.
    picture.brush("momentum", 0.05, 0.6)
    picture.expect(lambda: len(picture.asked("light")), 1)
    assert picture.names() == ["lossname", "lr", "batch", "momentum", "score"]
    picture.drag_name("score", "lossname", wobble)
    picture.expect(picture.names, ["score", "lossname", "lr", "batch", "momentum"])
    assert (picture.kept(), len(picture.asked("light"))) == (RUNS, 1)


def test_an_end_of_an_axis_is_dragged_to_show_a_part_and_a_double_click_shows_all(picture):
    picture.open()
    picture.drag_end("momentum", upper=True, to=0.5)
    picture.expect(lambda: "momentum (a part)" in picture.titles(), True)
    (text,) = [one for one in picture.asked("axes") if one.startswith("momentum:")]
    known = [r["momentum"] for r in made_runs() if r["momentum"] is not None]
    beyond = sum(value > float(text.removeprefix("momentum:..")) for value in known)
    assert 5 < beyond < len(known) - 5
    expect(picture.page.get_by_text(f"A part of momentum is shown: {beyond} runs beyond it")).to_be_visible()
    # No run is left out by that, and nothing is highlighted.
    assert (picture.kept(), picture.lit(), picture.asked("light")) == (RUNS, RUNS, [])
    picture.drag_end("momentum", upper=False, to=0.3)
    picture.expect(lambda: [one.count("..") for one in picture.asked("axes") if one.startswith("momentum:0")], [1])
    # Along what is left of the axis one brushes as ever.
    picture.brush("momentum", 0.2, 0.8)
    picture.expect(lambda: len(picture.asked("light")), 1)
    (asked,) = picture.asked("light")
    picture.expect(picture.lit, sum(passes(r, asked) for r in made_runs()))
    x, top, bottom = picture.axis("momentum")
    picture.page.mouse.dblclick(x, (top + bottom) / 2)
    picture.expect(picture.titles, list(AXES))
    assert picture.asked("light") == []


def test_a_click_on_a_level_or_its_name_highlights_its_runs(picture):
    picture.open()
    dice = sum(r["lossname"] == "dice" for r in made_runs())
    x, y = picture.texts()["dice"]
    picture.page.mouse.click(x - 4, y + 2)
    picture.expect(lambda: picture.asked("light"), ["lossname=dice"])
    picture.expect(picture.lit, dice)
    axis, _, _ = picture.axis("lossname")
    picture.page.mouse.click(axis + 2, picture.texts()["bce"][1] - 2)
    picture.expect(lambda: picture.asked("light"), ["lossname=bce"])
    # The address has it before the page is drawn with it.
    picture.settle()
    picture.page.keyboard.press("Escape")
    picture.expect(lambda: picture.asked("light"), [])
    # Between two levels a click means neither.
    picture.page.mouse.click(axis, (picture.texts()["bce"][1] + picture.texts()["dice"][1]) / 2)
    picture.settle()
    assert (picture.asked("light"), picture.lit()) == ([], RUNS)


# By day: `tests/test_parallel_page.py`.
@pytest.mark.nightly
def test_an_axis_takes_a_log_or_a_quantile_scale(picture):
    picture.open()
    picture.show_axes("momentum")
    assert "momentum" in picture.titles()
    for scale, title in (("log", "momentum (log)"), ("quantile", "momentum (quantiles)")):
        picture.page.locator('[data-testid="stButtonGroup"]').get_by_text(scale, exact=True).first.click()
        picture.settle()
        assert title in picture.titles()
        assert f"momentum:{scale}" in picture.asked("axes")


# By day: `tests/test_parallel_page.py`.
@pytest.mark.nightly
def test_levels_stand_in_the_chosen_order(picture):
    picture.open()
    declared = {level: picture.texts()[level][1] for level in ("tversky", "bce", "dice")}
    assert declared["tversky"] > declared["bce"] > declared["dice"]
    picture.show_axes("lossname")
    picture.choose("Its levels, from the bottom up", "dice")
    chosen = {level: picture.texts()[level][1] for level in ("tversky", "bce", "dice")}
    assert chosen["dice"] > chosen["tversky"] > chosen["bce"]
    assert "lossname=dice" in picture.asked("axes")


# By day: `tests/test_axes.py`.
@pytest.mark.nightly
def test_runs_without_a_value_pass_at_a_tick_of_their_own(picture):
    picture.open()
    assert "missing" in picture.texts()
    x, top, bottom = picture.axis("momentum")
    below = (bottom - picture.texts()["missing"][1]) / (bottom - top)
    picture.brush("momentum", below - 0.03, below + 0.03)
    picture.expect(lambda: picture.asked("light"), ["momentum="])
    picture.expect(picture.highlighted, sum(r["momentum"] is None for r in made_runs()))
    picture.expect(picture.lit, sum(r["momentum"] is None for r in made_runs()))


# By day: `tests/test_parallel_page.py`.
@pytest.mark.nightly
def test_any_column_gives_the_colours(picture):
    picture.open()
    assert len(picture.colours()) == 4
    picture.choose("Colour by", "lossname")
    picture.expect(lambda: picture.asked("color"), ["lossname"])
    assert len(picture.colours()) == 3
    picture.choose("Colour by", "lr")
    assert len(picture.colours()) > 10


def test_pointing_lifts_a_line_and_names_its_run(picture):
    picture.open()
    picture.expect(picture.lifted, 0)
    # On the axis itself one drags: lines are pointed at beside it.
    x, y = picture.beside("score")
    picture.page.mouse.move(x - 3, y + 1)
    picture.page.mouse.move(x, y)
    picture.page.wait_for_function("document.querySelector('#vg-tooltip-element.visible') !== null")
    best = max(made_runs(), key=lambda r: r["score"])
    assert best["Name"] in picture.page.locator("#vg-tooltip-element").inner_text()
    picture.expect(picture.lifted, 1)
    assert f"{best['score']:.4g}" in picture.texts()


# By day: the rows are chosen, and a line is pointed at, in two tests beside this one.
@pytest.mark.nightly
def test_a_line_and_its_row_lift_each_other(picture):
    picture.open()
    picture.choose_row(0)
    picture.expect(picture.lifted, 1)
    expect(picture.page.get_by_role("button", name="Keep only 1 chosen")).to_be_visible()
    picture.open()
    x, y = picture.beside("score")
    picture.page.mouse.click(x, y)
    picture.settle()
    expect(picture.page.get_by_role("button", name="Keep only 1 chosen")).to_be_visible()
    picture.page.mouse.move(x, y - 400)
    picture.expect(picture.lifted, 1)


def test_chosen_rows_are_kept_or_left_out(picture):
    picture.open()
    ranked = sorted(made_runs(), key=lambda r: -r["score"])
    picture.choose_row(0)
    picture.choose_row(2)
    picture.press("Keep only 2 chosen")
    picture.expect(lambda: picture.asked("only"), [f"run_id={ranked[0]['ID']}|{ranked[2]['ID']}"])
    picture.expect(picture.kept, 2)
    picture.expect(picture.lit, 2)
    picture.press("Exclude instead")
    picture.expect(picture.kept, RUNS - 2)
    picture.expect(picture.lit, RUNS - 2)


# By day: `tests/test_parallel_page.py`.
@pytest.mark.nightly
def test_axes_are_ordered_by_importance(picture):
    picture.open()
    picture.show_axes()
    picture.press("Order by importance")
    assert (picture.names()[0], picture.names()[-1]) == ("lr", "score")
    assert picture.asked("axes")[0] == "lr"


# By day: `tests/test_parallel_page.py`.
@pytest.mark.nightly
def test_the_best_share_is_shown_alone(picture):
    picture.open()
    picture.page.get_by_text("10%", exact=True).click()
    picture.settle()
    picture.expect(picture.lit, 4)
    picture.expect(lambda: picture.asked("best"), ["10%"])
    assert picture.page.locator('[data-testid="stDataFrame"] [role="grid"]').first.get_attribute("aria-rowcount") == "5"


# By day: `tests/test_parallel_page.py` opens filters by their address, `tests/test_axes.py` makes the axes.
@pytest.mark.nightly
def test_the_address_alone_opens_the_same_picture(picture, browser):
    query = "?only=lr%3A0.001..0.05&axes=lr%3Alog%2Cinverted&axes=lossname%3Ddice&axes=score&color=lr&best=50%25"
    picture.open(query)
    seen = picture.titles(), picture.lit(), picture.kept(), picture.chips()
    assert seen[0] == ["lr (log, inverted)", "lossname", "score"]
    context = browser.new_context(viewport={"width": 1200, "height": 1300})
    other = Picture(context.new_page(), picture.url)
    other.page.goto(picture.page.url)
    other.settle()
    assert (other.titles(), other.lit(), other.kept(), other.chips()) == seen
    context.close()


# By day: `tests/test_csv.py`, and `test_markup.py` beside this one downloads a table.
@pytest.mark.nightly
def test_the_selection_is_saved_as_csv(picture, tmp_path: Path):
    picture.open("?only=lossname%3Ddice")
    with picture.page.expect_download() as download:
        picture.page.get_by_role("button", name="CSV").last.click()
    download.value.save_as(tmp_path / "kept.csv")
    rows = list(csv.DictReader((tmp_path / "kept.csv").open(encoding="utf-8-sig")))
    assert {row["run"] for row in rows} == {r["Name"] for r in made_runs() if r["lossname"] == "dice"}
