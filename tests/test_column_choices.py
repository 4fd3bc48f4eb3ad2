"""What a reader says of single columns changes the whole report, whichever way it is said."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from streamlit.testing.v1 import AppTest

from lib.analysis.config_as_read import sweep_config_of
from lib.model.column_choices import column_choices_of, with_roles
from lib.model.errors import InputError
from lib.report import build_report
from lib.sections.column_table import columns_table
from lib.ui.columns_editor import with_edit
from testing.exports import to_csv

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the path of a table of 24 runs: settings lr, width and seed, results, and their rank."""
    rows = [
        [i + 1, [0.1, 0.01, 0.001][i % 3], [8, 16][i % 2], [1, 2, 3, 4][i // 6], 0.5 + i / 50, 3 - i / 20, 10 + i * 1.5]
        for i in range(24)
    ]
    path = tmp_path_factory.mktemp("columns") / "runs.csv"
    path.write_text(to_csv(["rank", "lr", "width", "seed", "val_acc", "val_loss", "foo_ms"], rows), encoding="utf-8")
    return str(path)


def roles(source: str, *columns: str, **more: object) -> dict[str, str]:
    report = build_report(source, columns=columns, **more)  # type: ignore[arg-type]
    return {p.name: p.role for p in report.population.parameters}


def test_columns_change_sides_and_are_left_out_as_the_reader_says(runs: str) -> None:
    assert roles(runs) == {"lr": "searched", "width": "searched", "seed": "block"}
    assert roles(runs, "foo_ms:setting", "width:unused") == {"foo_ms": "searched", "lr": "searched", "seed": "block"}
    assert roles(runs, "seed:setting")["seed"] == "searched"
    assert roles(runs, "rank:setting")["rank"] == "searched"
    report = build_report(runs, columns=["width:result", "val_acc:unused"])
    assert "width" in report.sweep.metrics.columns
    assert "val_acc" not in report.sweep.metrics.columns
    assert report.population.objective.metric == "val_loss"


def test_kind_and_direction_are_the_readers(runs: str) -> None:
    report = build_report(runs, columns=["lr:categorical", "width:integer", "val_acc:minimize"])
    parameters = {p.name: p for p in report.population.parameters}
    assert (parameters["lr"].kind, parameters["lr"].values) == ("categorical", (0.001, 0.01, 0.1))
    assert (parameters["width"].kind, parameters["width"].low, parameters["width"].high) == ("integer", 8, 16)
    objective = report.population.objective
    assert (objective.metric, objective.goal, objective.goal_source) == ("val_acc", "minimize", "reader")


def test_a_declared_hyperparameter_that_is_not_used_is_none_and_one_that_was_not_declared_is() -> None:
    assert "dropout" not in roles("sample", "dropout:unused")
    assert roles("sample", "val_loss:setting")["val_loss"] == "searched"


@pytest.mark.parametrize(
    ("column", "says"),
    [
        ("lr", "NAME:WORD"),
        ("lr:important", "NAME:WORD"),
        ("nothing:setting", "no column 'nothing'"),
        ("nothing:log", "NAME:WORD"),
        ("rank:result", "record of the run"),
    ],
)
def test_what_can_not_be_chosen_is_one_sentence(runs: str, column: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        build_report(runs, columns=[column])


def test_text_is_no_number(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text(to_csv(["opt", "loss"], [[["adam", "sgd"][i % 2], i / 7] for i in range(12)]), encoding="utf-8")
    with pytest.raises(InputError, match="opt of runs.csv holds no numbers, so it can't be continuous"):
        build_report(str(path), columns=["opt:continuous"])


def test_choosing_twice_changes_nothing_more(runs: str) -> None:
    sweep = build_report(runs).sweep
    chosen = column_choices_of(["foo_ms:setting", "val_loss:unused", "width:result"])
    once = with_roles(sweep, chosen)
    assert with_roles(once, chosen).data_sha256 == once.data_sha256


def test_of_two_choices_of_one_sort_the_last_counts() -> None:
    found = [one.text for one in column_choices_of(["a:setting", "a:result", "a:b:unused", "a:maximize"])]
    assert found == ["a:result", "a:b:unused", "a:maximize"]


def test_the_table_of_columns_says_role_kind_scale_and_direction(runs: str) -> None:
    table = columns_table(build_report(runs, columns=["width:unused"])).set_index("column")
    assert table["role"].to_dict() == {
        "rank": "record of the run",
        "lr": "hyperparameter",
        "width": "not used",
        "seed": "seed or fold",
        "val_acc": "result",
        "val_loss": "result",
        "foo_ms": "result",
    }
    assert table.loc["lr", ["kind", "scale"]].tolist() == ["discrete", "log"]
    assert table["better"].to_dict() | {"foo_ms": ""} == dict.fromkeys(table.index, "") | {
        "val_acc": "maximize",
        "val_loss": "minimize",
    }


def test_the_saved_sweep_config_says_the_same_of_the_next_export(runs: str, tmp_path: Path) -> None:
    chosen = build_report(runs, columns=["foo_ms:setting", "val_acc:minimize", "width:unused"])
    saved = tmp_path / "saved.yaml"
    saved.write_text(sweep_config_of(chosen.population), encoding="utf-8")
    assert yaml.safe_load(saved.read_text())["parameters"]["lr"] == {"values": [0.001, 0.01, 0.1]}
    again = build_report(runs, sweep_config=saved)
    for one in (chosen, again):
        searched = [p.name for p in one.population.parameters if p.role == "searched"]
        assert (searched, one.population.objective.goal) == (["foo_ms", "lr"], "minimize")


NOTHING: dict[str, list[str]] = {"columns": [], "scales": [], "seeds": []}


@pytest.mark.parametrize(
    ("cells", "columns", "scales", "seeds"),
    [
        ({"role": "result"}, ["lr:result"], [], []),
        ({"role": "seed or fold"}, ["lr:setting"], [], ["lr"]),
        ({"role": "record of the run"}, [], [], []),
        ({"kind": "categorical", "scale": "log"}, ["lr:categorical"], ["lr:log"], []),
        ({"better": "minimize"}, ["lr:minimize"], [], []),
        ({"better": "–", "scale": "–"}, [], [], []),
    ],
)
def test_an_edited_row_becomes_choices(
    cells: dict[str, str], columns: list[str], scales: list[str], seeds: list[str]
) -> None:
    assert with_edit(NOTHING, "lr", cells) == {"columns": columns, "scales": scales, "seeds": seeds}


def test_a_second_edit_takes_the_place_of_the_first() -> None:
    state = with_edit(with_edit(NOTHING, "s", {"role": "seed or fold"}), "s", {"role": "not used"})
    assert state == {"columns": ["s:unused"], "scales": [], "seeds": []}
    assert with_edit(NOTHING, "seed", {"role": "seed or fold"})["columns"] == []


def test_the_address_holds_what_was_said_of_columns(runs: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["streamlit_app.py", runs])
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    app.query_params["columns"] = ["width:unused"]
    app = app.run().switch_page("pages/data.py").run()
    assert not app.exception
    tables = [one.value for one in app.dataframe if isinstance(one.value, pd.DataFrame) and "role" in one.value]
    assert tables[0].set_index("column")["role"]["width"] == "not used"


def test_an_address_that_says_nonsense_of_columns_is_one_sentence_and_keeps_the_rest(
    runs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["streamlit_app.py", runs])
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    app.query_params["columns"] = ["width"]
    app.query_params["top"] = "5"
    app.run()
    assert not app.exception
    assert any("is not written as" in one.value for one in app.error)
    assert app.number_input(key="top").value == 5


def test_a_goal_that_nothing_tells_is_turned_beside_the_headline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "runs.csv"
    path.write_text(to_csv(["lr", "zork"], [[[0.1, 0.01][i % 2], 0.3 + i / 7] for i in range(10)]), encoding="utf-8")
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["streamlit_app.py", str(path)])
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    assert "Maximize zork is assumed" in [one.value for one in app.caption if "zork" in one.value][0]
    (turn,) = [one for one in app.button if one.key == "turn-goal-here"]
    assert turn.label == "Turn it around: minimize zork"
    turn.click().run()
    assert not app.exception
    assert "turn-goal-here" not in [one.key for one in app.button]
    assert app.session_state["goal"] == "minimize"
