"""Parallel coordinates by their controls and by their address, in a browser."""

import csv
from pathlib import Path

import pytest

from testing.browser.parallel_picture import AXES, Picture, made_runs


# By day: `tests/test_parallel_page.py`.
@pytest.mark.nightly
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
def test_any_column_gives_the_colours(picture):
    picture.open()
    assert len(picture.colours()) == 4
    picture.choose("Colour by", "lossname")
    picture.expect(lambda: picture.asked("color"), ["lossname"])
    assert len(picture.colours()) == 3
    picture.choose("Colour by", "lr")
    assert len(picture.colours()) > 10


# By day: `tests/test_parallel_page.py`.
@pytest.mark.nightly
def test_the_best_share_is_shown_alone(picture):
    picture.open()
    picture.page.get_by_text("10%", exact=True).click()
    picture.settle()
    picture.expect(picture.lit, 4)
    picture.expect(lambda: picture.asked("best"), ["10%"])
    assert picture.page.locator('[data-testid="stDataFrame"] [role="grid"]').first.get_attribute("aria-rowcount") == "5"


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
