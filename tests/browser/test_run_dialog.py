"""A run's own view, opened from wherever its name stands, as a person does; runs side by side; a run found by name."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from lib.report import build_report
from testing.browser.nightly import by_day
from testing.browser.visit import Visit

# Of the grid that draws tables, in pixels.
HEADER, ROW, BOXES = 35, 35, 33
SIDE_BY_SIDE = "run-to-run noise alone gives differences up to"


def opened(page: Page) -> str:
    """Wait until a run's own view is open, and return which run the address names."""
    page.wait_for_url(lambda url: "run=" in url)
    expect(page.get_by_role("dialog").get_by_text("Its configuration")).to_be_visible()
    (run_id,) = parse_qs(urlsplit(page.url).query)["run"]
    return run_id


def close(seen: Visit) -> None:
    # One Escape is enough, as it is for a person who has looked at what is there.
    seen.wait_until_drawn()
    seen.page.keyboard.press("Escape")
    seen.page.wait_for_url(lambda url: "run=" not in url)
    expect(seen.page.get_by_role("dialog")).to_have_count(0)


def click_cell(table: Locator, row: int, left: float) -> None:
    """Click a cell of a table, whose row counts from 0. left : how far it is from the table's left edge."""
    table.scroll_into_view_if_needed()
    table.page.wait_for_timeout(300)
    box = table.bounding_box()
    assert box is not None
    table.page.mouse.click(box["x"] + left, box["y"] + HEADER + (row + 0.5) * ROW)


@pytest.fixture(scope="module")
def report():
    return build_report("sample")


def test_a_run_opens_by_its_name_in_a_table_and_closing_takes_it_out_of_the_address(app, visit, report):
    with visit(f"{app.url}/top-runs") as seen:
        page, dialog = seen.page, seen.page.get_by_role("dialog")
        click_cell(page.get_by_test_id("stDataFrame").first, 2, BOXES + 150)
        assert opened(page) == report.top_runs[2].run_id
        page.reload()
        assert opened(page) == report.top_runs[2].run_id
        # One of its neighbours, within its own view, once that is drawn: a click on what is about to go is lost.
        seen.wait_until_drawn()
        click_cell(dialog.get_by_test_id("stDataFrame").last, 0, 60)
        page.wait_for_url(lambda url: report.top_runs[2].run_id not in url)
        # Until its view is there, that of the first run stays, and Escape would close that one.
        expect(dialog.get_by_role("heading", name=report.top_runs[2].name)).to_have_count(0)
        assert opened(page) in report.population.runs["run_id"].tolist()
        close(seen)
        assert seen.exceptions() == []


# A card, and a finding.
@pytest.mark.parametrize("address", by_day(["", "findings"], [""]), ids=["summary", "findings"])
def test_a_run_opens_by_its_name_in_a_sentence(app, visit, report, address):
    best = report.best_run
    with visit(f"{app.url}/{address}") as seen:
        seen.page.locator(".stMain button").filter(has_text=best.name).first.click()
        assert opened(seen.page) == best.run_id
        close(seen)
        assert seen.exceptions() == []


# By day: a table and a card, above.
@pytest.mark.nightly
def test_a_run_opens_by_its_name_in_the_models_answer_a_part_that_reruns_alone(app, visit, report):
    with visit(f"{app.url}/best-run") as seen:
        page = seen.page
        page.get_by_role("heading", name="Ask the model").wait_for()
        seen.wait_until_drawn()
        click_cell(page.get_by_test_id("stDataFrame").nth(1), 0, 60)
        assert opened(page) == report.best_run.run_id
        assert seen.exceptions() == []


def test_the_model_is_asked_about_a_run_and_by_keyboard_about_what_nobody_tried(app, visit, report):
    run_id = report.top_runs[4].run_id
    with visit(f"{app.url}/top-runs?run={run_id}") as seen:
        page = seen.page
        page.get_by_role("dialog").get_by_role("link", name="Ask the model about its setting").click()
        page.wait_for_url("**/best-run?**")
        asked = parse_qs(urlsplit(page.url).query)
        assert float(asked["ask-dropout"][0]) == pytest.approx(report.top_runs[4].parameters["dropout"], rel=1e-5)
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.get_by_role("heading", name="Ask the model").wait_for()
        seen.wait_until_drawn()
        assert page.get_by_text("Outside what was tried").count() == 0
        config = page.get_by_text("One run of a setting that the model was asked about")
        page.get_by_text("As a sweep config of one run").click()
        config.wait_for()
        slider = page.get_by_role("slider", name="dropout")
        for key in ("End", "ArrowLeft"):
            slider.press(key)
        page.get_by_text("Outside what was tried: dropout").wait_for()
        seen.wait_until_drawn()
        # What was unfolded stays so.
        expect(config).to_be_visible()
        page.get_by_role("button", name="Set to the best run").click()
        page.get_by_text("Outside what was tried").wait_for(state="detached")
        assert "ask-" not in page.url
        assert seen.exceptions() == []
    assert "Traceback" not in app.printed()


def test_the_slash_key_finds_a_run_or_a_hyperparameter_without_a_mouse(app, visit, report):
    best = report.best_run
    with visit(f"{app.url}/correlation") as seen:
        page, field = seen.page, seen.page.get_by_label("A part of its name")
        page.locator(".st-key-find button[aria-keyshortcuts]").first.wait_for()
        page.keyboard.press("/")
        expect(field).to_be_focused()
        page.keyboard.type(best.name[:-1].upper())
        page.keyboard.press("Enter")
        page.get_by_role("dialog").get_by_role("button", name=f"Run {best.name}").wait_for()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert opened(page) == best.run_id
        close(seen)

        page.keyboard.press("/")
        expect(field).to_be_focused()
        # Within a field it is a letter like any other.
        page.keyboard.type("/")
        expect(field).to_have_value("/")
        field.fill("dropout")
        page.keyboard.press("Enter")
        page.get_by_role("dialog").get_by_role("button", name="Hyperparameter dropout").click()
        page.wait_for_url("**/hyperparameter-impact?parameter=dropout")
        expect(page.get_by_role("dialog")).to_have_count(0)
        seen.wait_until_drawn()

        # From the page itself, whose control is on it.
        page.keyboard.press("/")
        expect(field).to_be_focused()
        field.fill("batch")
        page.keyboard.press("Enter")
        page.get_by_role("dialog").get_by_role("button", name="Hyperparameter batch_size").click()
        page.wait_for_url("**/hyperparameter-impact?parameter=batch_size")
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert seen.exceptions() == []


def test_rows_of_a_table_are_chosen_and_compared_by_keyboard_alone(app, visit, report):
    with visit(f"{app.url}/top-runs") as seen:
        page = seen.page
        # The toolbar's last button stands before the table.
        page.get_by_role("button", name="Fullscreen: The best runs").focus()
        for key in ("Tab", "ArrowDown", "ArrowDown", "Shift+Space", "ArrowDown", "Shift+Space"):
            page.keyboard.press(key)
        compare = page.get_by_role("button", name="Compare 2")
        expect(compare).to_be_enabled()
        seen.wait_until_drawn()
        compare.press("Enter")
        page.wait_for_url(lambda url: "run=" in url)
        expect(page.get_by_role("dialog").get_by_text(SIDE_BY_SIDE)).to_be_visible()
        asked = parse_qs(urlsplit(page.url).query)["run"]
        assert asked == [run.run_id for run in report.top_runs[2:4]]
        close(seen)
        # The rows stay chosen; highlighted, Escape takes that away again.
        page.get_by_role("button", name="Highlight", exact=True).press("Enter")
        bar = page.locator(".st-key-highlighted")
        expect(bar).to_contain_text("2 of")
        seen.wait_until_drawn()
        page.keyboard.press("Escape")
        expect(bar).to_have_count(0)
        assert seen.exceptions() == []


# By day: `tests/test_one_run.py` opens addresses of runs; the test above compares two.
@pytest.mark.nightly
def test_several_runs_stand_side_by_side_by_their_address(app, visit, report):
    ids = [str(report.population.runs["run_id"].iloc[i]) for i in report.population.best_first[:2]]
    with visit(f"{app.url}/data?run={ids[0]}&run={ids[1]}") as seen:
        dialog = seen.page.get_by_role("dialog")
        expect(dialog.get_by_text("2 runs side by side")).to_be_visible()
        expect(dialog.get_by_text(SIDE_BY_SIDE)).to_be_visible()
