"""What the app reads of files and uploads, and when it reads them again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lib.loader import MOST_SOURCES, Request, load_sweep
from lib.model.choices import Choices
from lib.model.errors import InputError
from testing.exports import unet_export

CONFIG = """
metric: {name: val_loss, goal: minimize}
parameters: {learning_rate: {min: 0.00001, max: 0.1, distribution: log_uniform_values}}
"""


def named(*paths: Path, **more: str) -> Request:
    files = tuple(map(str, paths))
    return Request(files, files_allowed=files, **more)  # type: ignore[arg-type]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "runs.csv"
    path.write_text(unet_export(12), encoding="utf-8")
    return path


def test_a_file_that_was_written_again_is_read_again(export: Path) -> None:
    assert len(load_sweep(named(export), Choices())) == 12
    export.write_text(unet_export(15), encoding="utf-8")
    os.utime(export, ns=(1, 1))
    assert len(load_sweep(named(export), Choices())) == 15


def test_a_sweep_config_named_with_the_app_goes_with_the_sources_named_with_it(export: Path) -> None:
    assert load_sweep(named(export, config_of_named=CONFIG), Choices()).declarations
    sample = Request(("sample",), files_allowed=(str(export),), config_of_named=CONFIG)
    assert load_sweep(sample, Choices()).declarations == load_sweep(Request(("sample",)), Choices()).declarations
    theirs = Request(("sample",), files_allowed=(str(export),), config_of_named=CONFIG, sweep_config=CONFIG)
    assert load_sweep(theirs, Choices()).declarations[0].config["metric"]["name"] == "val_loss"


def test_choices_that_change_nothing_of_what_is_read_read_nothing_again(export: Path) -> None:
    whole = load_sweep(Request(("sample",)), Choices())
    assert load_sweep(Request(("sample",)), Choices(metric="val_loss", parameters=("dropout",))) is whole


def test_too_many_sources_get_a_sentence() -> None:
    request = Request(tuple(f"team/project{i}" for i in range(MOST_SOURCES + 1)))
    with pytest.raises(InputError, match="too many to join"):
        request.addresses()
