"""Impact of a sweep whose columns and levels are called like JavaScript's own: a browser draws every chart of it."""

import csv
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from testing.browser.nightly import FIRST, by_day
from testing.browser.server import App, running_app
from testing.browser.visit import NARROW, PATIENCE, Visit

COLUMNS = ("constructor", "toString", "__proto__", 'x\\"y', "valueOf", "line\nbreak", "separator\u2028here")
LONG = "optimizer.inner_loop.learning_rate_warmup_fraction"
# Below 20 no forest is grown.
RUNS = 16
LEVELS = ("hasOwnProperty", "constructor", "__proto__", "a\nb")
# Charts that Streamlit shows as errors have no marks; a chart has at least one path or text within its marks.
CHARTS = """() => [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')].map(chart =>
  chart.querySelectorAll('canvas').length + chart.querySelectorAll('svg .role-mark path').length)"""


@pytest.fixture(scope="module")
def hostile_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("hostile")
    path: Path = folder / "runs.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            ["Name", "State", "ID", *(f"config.{c}" for c in (*COLUMNS, LONG)), "config.level", "summary.loss"]
        )
        for i in range(RUNS):
            values = [round((i * (7 + at) % 31) / 31, 4) for at in range(len(COLUMNS) + 1)]
            rows.writerow([f"r{i}", "finished", f"id{i}", *values, LEVELS[i % 4], round((i * 11 % 37) / 37, 4)])
    with running_app(folder / "log.txt", [str(path)], first=FIRST) as app:
        yield app


# The words of a heading that stand in more than one line, and what is copied of it.
BROKEN = """heading => {
  const walker = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT), broken = [];
  for (let text; (text = walker.nextNode()); ) {
    for (const word of text.data.matchAll(/[a-z]+/g)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1) broken.push(word[0]);
    }
  }
  getSelection().selectAllChildren(heading);
  return [broken, getSelection().toString().trim()];
}"""


def every_chart_is_drawn(seen: Visit) -> None:
    drawn = seen.page.evaluate(CHARTS)
    # What each one gains, and the one that is chosen.
    assert len(drawn) >= 2
    assert all(drawn)
    assert seen.exceptions() == []
    assert seen.page.locator('[data-testid="stAlertContentError"]').count() == 0
    assert [error for error in seen.errors if "vega" in error.lower() or "Error:" in error] == []
    said = seen.page.locator('[data-testid="stMain"]').inner_text()
    assert "can't be drawn" not in said
    assert "The address asks for" not in said


# First: it is of a server that has shown nothing yet, and of a sweep that every server has.
def test_a_cold_deep_link_opens_its_page_with_the_frame_and_no_dialog(hostile_app, visit):
    link = "correlation?source=sample/repeats&top=none"
    with visit(f"{hostile_app.url}/{link}") as seen:
        assert seen.page.title() == "Correlation · sample/repeats"
        assert len(seen.page.get_by_role("heading", level=1).all_inner_texts()) == 1
        assert seen.page.locator(".st-key-navigation").is_visible()
        assert seen.page.get_by_role("dialog").count() == 0
        assert seen.exceptions() == []
        assert "source=sample" in seen.page.url
        assert seen.page.locator(".st-key-view-line").get_by_text("sample/repeats").count() >= 1
        expect(seen.page.get_by_text("The address asks for top 'none'")).to_be_visible(timeout=PATIENCE)
        # The page that ran before the entry point ever did keeps what is chosen on it first.
        seen.page.get_by_text("pearson", exact=True).first.click()
        seen.page.wait_for_url("**method=pearson**", timeout=PATIENCE)
        seen.wait_until_drawn()
        assert "method=pearson" in seen.page.url
        assert "Traceback" not in hostile_app.printed()


@pytest.mark.parametrize("name", by_day(COLUMNS, ["__proto__"]))
def test_every_chart_of_impact_is_drawn(hostile_app, visit, name):
    with visit(f"{hostile_app.url}/hyperparameter-impact?{urlencode({'parameter': name})}") as seen:
        every_chart_is_drawn(seen)


def test_the_charts_of_levels_are_drawn_and_a_click_on_one_highlights_its_runs(hostile_app, visit):
    with visit(f"{hostile_app.url}/hyperparameter-impact?parameter=level") as seen:
        every_chart_is_drawn(seen)
        chart = seen.page.locator('[class*="st-key-chart-levels-level"]')
        chart.scroll_into_view_if_needed()
        chart.locator(".mark-rect.role-mark path").first.click(force=True)
        expect(seen.page.locator(".st-key-highlighted")).to_contain_text(f"{RUNS // 4} of {RUNS} runs highlighted")
        seen.wait_until_drawn()
        kept = seen.page.evaluate("() => new URL(location.href).searchParams.getAll('light')")
        assert len(kept) == 1
        assert kept[0].split("=", 1)[1] in LEVELS


# By day: tests/test_text.py looks at what is sent.
@pytest.mark.nightly
def test_on_a_phone_a_long_name_breaks_between_its_words_and_is_copied_as_it_is(hostile_app, visit):
    with visit(f"{hostile_app.url}/hyperparameter-impact?{urlencode({'parameter': LONG})}", size=NARROW) as seen:
        heading = seen.page.get_by_role("heading", name=LONG).last
        expect(heading).to_be_visible(timeout=PATIENCE)
        assert heading.bounding_box()["height"] > 40
        assert heading.evaluate(BROKEN) == [[], LONG]
