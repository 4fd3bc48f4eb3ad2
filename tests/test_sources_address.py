from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.model.errors import InputError
from lib.sources.address import parse_address


@pytest.mark.parametrize(
    ("typed", "kind", "text"),
    [
        ("sample", "sample", "sample"),
        (" sample/ ", "sample", "sample"),
        ("sample/followup", "sample", "sample/followup"),
        ("sample/repeats", "sample", "sample/repeats"),
        ("team/project", "project", "team/project"),
        ("team/project/", "project", "team/project"),
        ("team/project/abcd1234", "sweep", "team/project/abcd1234"),
        ("team/project/sweeps/abcd1234", "sweep", "team/project/abcd1234"),
        ("https://wandb.ai/team/project", "project", "team/project"),
        ("https://wandb.ai/team/project/workspace?nw=nwuser", "project", "team/project"),
        ("https://wandb.ai/team/project/table", "project", "team/project"),
        ("https://wandb.ai/team/project/overview/", "project", "team/project"),
        ("https://wandb.ai/team/project/sweeps", "project", "team/project"),
        ("https://wandb.ai/team/project/sweeps/abcd1234", "sweep", "team/project/abcd1234"),
        ("https://wandb.ai/team/project/sweeps/abcd1234/workspace?x=1#top", "sweep", "team/project/abcd1234"),
        ("wandb.ai/team/project/sweeps/abcd1234/table/", "sweep", "team/project/abcd1234"),
        ("http://wandb.ai:80/team/project", "project", "team/project"),
        ("https://forge.coreweave.com/wandb/team/project/sweeps/abcd1234", "sweep", "team/project/abcd1234"),
        ("https://wandb.ai/my%20team/project", "project", "my team/project"),
    ],
)
def test_every_spelling_of_a_source_is_read(typed: str, kind: str, text: str) -> None:
    address = parse_address(typed, files_allowed=False)
    assert (address.kind, address.text) == (kind, text)


def test_the_parts_of_a_sweep_address_are_told_apart() -> None:
    address = parse_address("https://wandb.ai/team/project/sweeps/abcd1234", files_allowed=False)
    assert (address.entity, address.project, address.sweep_id) == ("team", "project", "abcd1234")


def test_a_name_that_only_looks_like_a_slash_is_another_source() -> None:
    looks = parse_address("https://wandb.ai/team/proj1%E2%88%95sweep100", files_allowed=False)
    sweep = parse_address("team/proj1/sweep100", files_allowed=False)
    assert (looks.kind, looks.project) == ("project", "proj1\u2215sweep100")
    assert looks.key != sweep.key


# Whatever a name is made of, and however often it is quoted.
PIECES = st.sampled_from(
    ["a", "b", "/", "%2F", "%252F", "%25252f", "..", ".", "%2e", "%00", "\\", "\u2044", " ", "%0a"]
)
NAMES = st.lists(PIECES, min_size=1, max_size=4).map("".join)


@given(st.lists(NAMES, min_size=2, max_size=4).map("/".join))
def test_the_key_of_an_address_is_its_parts_and_no_part_is_a_path(path: str) -> None:
    for typed in (path, f"https://wandb.ai/{path}"):
        with contextlib.suppress(InputError):
            address = parse_address(typed, files_allowed=False)
            if address.kind in ("sweep", "project"):
                parts = [part for part in address.key[1:] if part is not None]
                assert "/".join(parts) == address.text
                assert address.text.count("/") == len(parts) - 1
                assert not [part for part in parts if ".." in part or "%" in part or not part.isprintable()]


@pytest.mark.parametrize(
    ("base_url", "typed"),
    [
        ("https://wandb.example.org", "https://wandb.example.org/team/project/sweeps/abcd1234"),
        ("https://api.wandb.example.org", "https://wandb.example.org/team/project/sweeps/abcd1234"),
        ("https://example.org/wandb/", "https://example.org/wandb/team/project/sweeps/abcd1234"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/team/project/sweeps/abcd1234"),
    ],
)
def test_the_site_of_the_configured_server_is_accepted(base_url: str, typed: str) -> None:
    assert parse_address(typed, base_url=base_url, files_allowed=False).text == "team/project/abcd1234"


@pytest.mark.parametrize(
    "typed",
    [
        "https://evil.example/team/project",
        "https://wandb.ai.evil.example/team/project",
        "https://wandb.ai@evil.example/team/project",
        "http://127.0.0.1:9/team/project",
        "http://wandb.ai:8080/team/project",
    ],
)
def test_another_host_is_refused_by_its_name(typed: str) -> None:
    with pytest.raises(InputError, match="is not a W&B website") as error:
        parse_address(typed, files_allowed=False)
    assert "wandb.ai" in str(error.value)


def test_the_refusal_names_the_host() -> None:
    with pytest.raises(InputError, match=r"'evil\.example'"):
        parse_address("https://evil.example/team/project", files_allowed=True)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "nonsense",
        "sample/other",
        "a/b/c/d",
        "team/../project",
        "team//project",
        "a/b/sweeps/abcd1234/files/x",
        "https://wandb.ai/",
        "https://wandb.ai/team",
        "https://wandb.ai/team/project/runs/abcd1234",
        "https://wandb.ai/team/project/reports/Title--Vmlldzo",
        "https://wandb.ai/team/project/sweeps/ab cd",
        "https://wandb.ai/te%2Fam/project%2e%2e%2f%00",
        "https://wandb.ai/team/proj1%2Fsweep100",
        "https://wandb.ai/team/proj1%252Fsweep100",
        "https://wandb.ai/team%2Fproj1/sweep100",
        "https://wandb.ai/team/a..b",
        "https://wandb.ai/team/%2e%2e",
        "https://wandb.ai/team/a%0ab",
        "https://wandb.ai/team/a%C2%85b",
        "https://wandb.ai/team/a%E2%80%A8b",
        "https://wandb.ai/team/%20",
        "team/a\ud800b",
        "ftp://wandb.ai/team/project",
        "file:///etc/passwd",
        "https://[::1/team/project",
        "https://wandb.ai:x/team/project",
        "x" * 5000,
        "team/pro\x00ject",
    ],
)
@pytest.mark.parametrize("files_allowed", [True, False])
def test_what_is_no_source_gets_a_sentence(typed: str, files_allowed: bool) -> None:
    with pytest.raises(InputError, match=r"\.$") as error:
        parse_address(typed, files_allowed=files_allowed)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    "typed",
    [
        "/etc/passwd.csv",
        "/etc/passwd",
        "./runs.csv",
        "../runs.parquet",
        "~/runs.csv",
        "runs.csv",
        "RUNS.CSV",
        "team/runs.csv",
        "C:\\runs.csv",
        "\\\\server\\share\\runs.csv",
        "..",
    ],
)
def test_a_visitor_reaches_no_file_and_the_disk_is_not_touched(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def touched(*_: object, **__: object) -> bool:
        raise AssertionError("the disk was touched")

    for method in ("is_file", "is_dir", "exists", "stat", "expanduser", "open"):
        monkeypatch.setattr(Path, method, touched)
    with pytest.raises(InputError, match="can't be opened from here"):
        parse_address(typed, files_allowed=False)


def test_a_path_beats_a_project_where_it_ends_like_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "runs.csv").write_text("Name,loss\na,1\n")
    monkeypatch.chdir(tmp_path)
    address = parse_address("team/runs.csv", files_allowed=True)
    assert (address.kind, address.path) == ("file", Path("team/runs.csv"))


def test_a_missing_file_and_a_folder_get_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        parse_address(str(tmp_path / "no.csv"), files_allowed=True)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        parse_address(str(tmp_path / "folder.csv"), files_allowed=True)


@pytest.mark.parametrize("name", ["runs.csv.gz", "runs.txt", "runs.xls"])
def test_other_kinds_of_file_are_refused_plainly(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match="not a kind of file"):
        parse_address(str(tmp_path / name), files_allowed=True)
