from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lib.model.choices import Choices
from lib.model.errors import InputError, SourceUnavailable
from lib.model.sweep import Sweep
from lib.report.open import open_sweep
from lib.report.own_reading import OwnReading
from lib.report.request import Request
from lib.sources import open_upload
from lib.sources.record import Address
from lib.sources.sample import read_sample
from lib.sources.snapshot.file import snapshot_bytes, write_snapshot
from testing.exports import unet_export
from testing.opening import opened


def test_files_are_read_by_content_and_labelled_by_name(tmp_path: Path) -> None:
    export, snapshot = tmp_path / "export.csv", tmp_path / "snapshot.csv"
    export.write_text(unet_export())
    write_snapshot(read_sample(), snapshot)
    assert opened(str(export)).origin.label == "export.csv"
    assert opened(str(snapshot)).data_sha256 == read_sample().data_sha256


def test_an_upload_is_recognised_by_its_content() -> None:
    assert open_upload("anything.parquet", unet_export().encode()).origin.kind == "csv"
    assert open_upload("anything.csv", snapshot_bytes(read_sample())).origin.kind == "sample"


def test_the_readers_choices_settle_columns_of_an_export(tmp_path: Path) -> None:
    export = tmp_path / "export.csv"
    export.write_text(unet_export())
    sweep = opened(str(export), choices=Choices(metric="learning_rate", parameters=("loss",)))
    assert "loss" in sweep.config.columns
    assert "learning_rate" in sweep.summary.columns


def test_wandb_is_asked_with_the_address() -> None:
    asked: list[Address] = []

    def fetch(address: Address) -> Sweep:
        asked.append(address)
        return read_sample()

    assert len(opened("https://wandb.ai/team/project/sweeps/abcd1234", fetch=fetch)) == 160
    assert {address.text for address in asked} == {"team/project/abcd1234"}


def test_a_refusal_of_wandb_comes_through() -> None:
    def fetch(address: Address) -> Sweep:
        raise SourceUnavailable("W&B can't be reached.")

    with pytest.raises(SourceUnavailable):
        opened("sample", "team/project", fetch=fetch)


def test_every_source_is_checked_before_any_is_read() -> None:
    def fetch(address: Address) -> Sweep:
        raise AssertionError("read too early")

    with pytest.raises(InputError, match="'evil"):
        opened("team/project", "https://evil.example/a/b", fetch=fetch)
    with pytest.raises(InputError, match="no parameters"):
        opened("team/project", sweep_config="a: 1", fetch=fetch)
    with pytest.raises(InputError, match="No source"):
        opened()


def test_a_path_is_refused_where_files_are_not_allowed(tmp_path: Path) -> None:
    export = tmp_path / "export.csv"
    export.write_text(unet_export())
    with pytest.raises(InputError, match="can't be opened from here"):
        open_sweep(Request((str(export),)), Choices(), OwnReading())


def test_reading_files_imports_neither_wandb_nor_streamlit() -> None:
    script = (
        "import sys; from testing.opening import opened; opened('sample'); "
        "assert not {'wandb', 'streamlit', 'scipy', 'sklearn', 'altair'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[1])
