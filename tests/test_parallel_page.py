"""The controls of parallel coordinates, without a browser: what each writes into the address, and what follows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from testing.exports import to_csv

ROOT = Path(__file__).resolve().parents[1]
RUNS = 40


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Open the page on a small table of runs, of which lr matters, as an address asks for it."""
    rows = [
        [f"run-{i}", "finished", (4, 8, 16)[i % 3], ("bce", "dice", "tversky")[i % 7 % 3], round(i * 0.618 % 1, 4), 0.0]
        for i in range(RUNS)
    ]
    for at, row in enumerate(rows):
        row[-1] = round(1 - (row[4] - 0.5) ** 2 + 0.001 * (at % 5), 6)
    path = tmp_path / "runs.csv"
    path.write_text(to_csv(["Name", "State", "batch", "lossname", "lr", "score"], rows), encoding="utf-8")
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.argv", ["streamlit_app.py", str(path)])

    def opened(**query: str | list[str]) -> AppTest:
        app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=120)
        for key, value in query.items():
            app.query_params[key] = value
        page = app.run().switch_page("pages/parallel-coordinates.py").run()
        assert not page.exception
        return page

    return opened


def asked(app: AppTest, key: str) -> list[str]:
    held = app.query_params.get(key, [])
    return [held] if isinstance(held, str) else list(held)


def colours(app: AppTest) -> set[str]:
    """Return the titles of the legends of the chart."""
    spec = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    return {str(one["title"]).strip() for one in legends_in(spec) if one.get("title")}


def legends_in(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "color" and isinstance(value, dict):
                yield from (one for one in (value, value.get("condition")) if isinstance(one, dict))
            yield from legends_in(value)
    elif isinstance(part, list):
        for one in part:
            yield from legends_in(one)


def test_axes_are_ordered_scaled_and_their_levels_moved(opened):
    app = opened()
    app.button(key="axes-by-importance").click().run()
    assert (asked(app, "axes")[0], asked(app, "axes")[-1]) == ("lr", "score")
    app.selectbox(key="axis-to-change").select("lr").run()
    app.segmented_control(key="axis-scale-lr").set_value("quantile").run()
    assert "lr:quantile" in asked(app, "axes")
    app.selectbox(key="axis-to-change").select("lossname").run()
    app.multiselect(key="axis-order-lossname").select("dice").run()
    assert "lossname=dice" in asked(app, "axes")
    app.button(key="axes-reset").click().run()
    assert asked(app, "axes") == []


def test_an_axis_is_moved_inverted_and_hidden(opened):
    app = opened()
    app.selectbox(key="axis-to-change").select("batch").run()
    app.button(key="axis-right").click().run()
    assert asked(app, "axes") == ["lossname", "batch", "lr", "score"]
    app.button(key="axis-invert").click().run()
    assert asked(app, "axes")[1] == "batch:inverted"
    app.button(key="axis-hide").click().run()
    assert asked(app, "axes") == ["lossname", "lr", "score"]


def test_a_chip_is_removed_and_turned_round(opened):
    app = opened(only=["lossname=dice", "batch=4|8"])
    app.button(key="invert-last").click().run()
    assert asked(app, "only") == ["lossname=dice", "-batch=4|8"]
    app.button(key="chip-0").click().run()
    assert asked(app, "only") == ["-batch=4|8"]
    # Every third run has a batch of 16.
    assert len(app.main.dataframe[0].value) == len(range(2, RUNS, 3))


def test_any_column_gives_the_colours_and_the_best_share_is_shown_alone(opened):
    app = opened()
    assert colours(app) == {"score"}
    app.selectbox(key="color").select("lossname").run()
    assert colours(app) == {"lossname"}
    assert len(app.main.dataframe[0].value) == RUNS
    app.segmented_control(key="best").set_value("10%").run()
    assert len(app.main.dataframe[0].value) == RUNS // 10
    assert not app.exception
