"""Gestures on the picture of parallel coordinates: brushes, clicks, pointing, axes dragged by their names and ends.

By day each ends, where it can, with the page as it was opened, which the next one takes.
"""

import pytest
from playwright.sync_api import expect

from testing.browser.nightly import by_day
from testing.browser.parallel_picture import AXES, RUNS, made_runs, passes


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


def test_a_double_click_on_an_axis_frees_it(picture):
    picture.open()
    # Straight to the pixel, down one axis and up the other.
    picture.brush("lr", 0.05, 0.6, start=0, end=0)
    picture.brush("score", 1.02, 0.5, start=0, end=0)
    picture.expect(lambda: len(picture.asked("light")), 2)
    first, second = picture.asked("light")
    assert (first.split(":")[0], second.split(":")[0]) == ("lr", "score")
    picture.expect(picture.lit, sum(passes(r, first) and passes(r, second) for r in made_runs()))
    x, top, bottom = picture.axis("lr")
    picture.page.mouse.dblclick(x, (top + bottom) / 2)
    picture.settle()
    picture.expect(lambda: picture.asked("light"), [second])
    picture.expect(picture.lit, sum(passes(r, second) for r in made_runs()))
    picture.settle()
    picture.page.keyboard.press("Escape")
    picture.expect(lambda: picture.asked("light"), [])
    picture.expect(picture.lit, RUNS)


# By day the ends themselves: `tests/test_axes.py`.
@pytest.mark.nightly
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


# By day a level is clicked on Impact: `test_hostile_names.py`.
@pytest.mark.nightly
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


# By day: `test_highlight.py`, on Impact.
@pytest.mark.nightly
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


BESIDE = {"straight": (0, 0), "right": (3, 3), "left": (-3, -3), "askew": (0, 3), "across": (3, -3)}
WAYS = {"down": (0.05, 0.6), "up": (0.6, 0.05)}
DRAGS = [(way, beside) for way in WAYS for beside in BESIDE]


# By day: `test_a_double_click_on_an_axis_frees_it` drags straight down and up.
@pytest.mark.nightly
@pytest.mark.parametrize("drag", DRAGS, ids="-".join)
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
