"""A run's own view, opened and closed as a person does; runs side by side by their address; a run found by name."""

from __future__ import annotations

from playwright.sync_api import expect

from lib.report import build_report


def test_a_run_opens_over_the_page_is_in_the_address_and_closing_takes_it_out(app, visit):
    best = build_report("sample").best_run
    with visit(f"{app.url}/best-run") as seen:
        dialog = seen.page.get_by_role("dialog")
        seen.page.get_by_role("button", name=f"Everything on {best.name}").click()
        expect(dialog.get_by_text("Its configuration")).to_be_visible()
        assert f"run={best.run_id}" in seen.page.url

        seen.page.reload()
        expect(dialog.get_by_text("Its configuration")).to_be_visible()

        seen.page.keyboard.press("Escape")
        seen.page.wait_for_url(lambda url: "run=" not in url)
        expect(dialog).to_have_count(0)
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
        expect(seen.page.get_by_role("dialog").get_by_text("Its metrics")).to_be_visible()
        assert seen.page.url.endswith(f"run={report.best_run.run_id}")
    with visit(f"{app.url}/data?run={ids[0]}&run={ids[1]}") as seen:
        dialog = seen.page.get_by_role("dialog")
        expect(dialog.get_by_text("2 runs side by side")).to_be_visible()
        expect(dialog.get_by_text("run-to-run noise alone gives differences up to")).to_be_visible()
