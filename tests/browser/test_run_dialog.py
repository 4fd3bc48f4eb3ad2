"""A run's own view, opened from wherever its name stands, as a person does; runs side by side; a run found by name."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from lib.report import build_report

# Of the grid that draws tables, in pixels.
HEADER, ROW, BOXES = 35, 35, 33
SIDE_BY_SIDE = "run-to-run noise alone gives differences up to"


def opened(page: Page) -> str:
    """Wait until a run's own view is open, and return which run the address names."""
    page.wait_for_url(lambda url: "run=" in url)
    expect(page.get_by_role("dialog").get_by_text("Its configuration")).to_be_visible(timeout=30_000)
    (run_id,) = parse_qs(urlsplit(page.url).query)["run"]
    return run_id


def close(page: Page) -> None:
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "run=" not in url)
    expect(page.get_by_role("dialog")).to_have_count(0)


def click_cell(table: Locator, row: int, left: float) -> None:
    """Click a cell of a table, whose row counts from 0. left : how far it is from the table's left edge."""
    table.scroll_into_view_if_needed()
    table.page.wait_for_timeout(300)
    box = table.bounding_box()
    assert box is not None
    table.page.mouse.click(box["x"] + left, box["y"] + HEADER + (row + 0.5) * ROW)


def point_at_a_run(page: Page, chart: Locator) -> str:
    """Move over a chart until a run's name shows, and return it; the pointer stays there."""
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    tooltip = page.locator("#vg-tooltip-element.visible")
    for down in (0.2, 0.3, 0.4):
        for step in range(40, int(box["width"]) - 20, 4):
            page.mouse.move(box["x"] + step, box["y"] + down * box["height"])
            if tooltip.count() and (name := tooltip.locator("tr", has_text="run").locator(".value")).count():
                return name.first.inner_text()
    raise AssertionError("no run stands in the chart")


def test_a_run_opens_by_its_name_in_every_place_and_closing_takes_it_out_of_the_address(app, visit):
    report = build_report("sample")
    best, ids = (
        report.best_run,
        dict(zip(report.population.runs["name"], report.population.runs["run_id"], strict=True)),
    )
    with visit(f"{app.url}/top-runs") as seen:
        page, dialog = seen.page, seen.page.get_by_role("dialog")
        # A table's row.
        click_cell(page.get_by_test_id("stDataFrame").first, 2, BOXES + 150)
        assert opened(page) == report.top_runs[2].run_id
        page.reload()
        assert opened(page) == report.top_runs[2].run_id
        # One of its neighbours, within its own view.
        click_cell(dialog.get_by_test_id("stDataFrame").last, 0, 60)
        page.wait_for_url(lambda url: report.top_runs[2].run_id not in url)
        assert opened(page) in report.population.runs["run_id"].tolist()
        close(page)

        # A dot of a chart, twice; a drag does not open anything.
        page.goto(app.url)
        seen.wait_until_drawn()
        chart = page.get_by_test_id("stVegaLiteChart").last
        for _ in range(2):
            name = point_at_a_run(page, chart)
            page.mouse.down()
            page.mouse.up()
            assert opened(page) == ids[name]
            close(page)
            seen.wait_until_drawn()

        # A finding.
        page.locator(".st-key-navigation").get_by_role("link", name="Findings", exact=True).click()
        page.wait_for_url("**/findings**")
        page.locator(".stMain").get_by_role("button", name=best.name).first.click()
        assert opened(page) == best.run_id
        close(page)

        # The answer of the model, a part of the page that reruns alone.
        page.locator(".st-key-navigation").get_by_role("link", name="Best run", exact=True).click()
        page.get_by_role("heading", name="Ask the model").wait_for()
        seen.wait_until_drawn()
        nearest = page.get_by_test_id("stDataFrame").nth(1)
        click_cell(nearest, 0, 60)
        assert opened(page) == best.run_id
        assert seen.exceptions() == []
    assert "Traceback" not in app.printed()


def test_a_run_is_found_by_a_part_of_its_name_and_several_stand_side_by_side(app, visit):
    report = build_report("sample")
    ids = [str(report.population.runs["run_id"].iloc[i]) for i in report.population.best_first[:2]]
    with visit(f"{app.url}/correlation") as seen:
        seen.page.get_by_role("button", name="153 of 160 runs").click()
        field = seen.page.get_by_label("Find a run")
        field.fill(report.best_run.name[:-1].upper())
        field.press("Enter")
        seen.page.get_by_role("button", name=report.best_run.name).click()
        assert opened(seen.page) == report.best_run.run_id
        assert seen.page.url.endswith(f"run={report.best_run.run_id}")
    with visit(f"{app.url}/data?run={ids[0]}&run={ids[1]}") as seen:
        dialog = seen.page.get_by_role("dialog")
        expect(dialog.get_by_text("2 runs side by side")).to_be_visible(timeout=30_000)
        expect(dialog.get_by_text(SIDE_BY_SIDE)).to_be_visible()
