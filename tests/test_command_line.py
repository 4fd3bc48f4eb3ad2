"""The command line as scripts see it: its exit status, what it prints where, and the same bytes for the same runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import yaml

from lib.__main__ import main
from lib.render.pdf import _without_clock
from lib.sources.wandb.api import fetch
from testing.exports import to_csv, unet_export

ROOT = Path(__file__).resolve().parents[1]


def run(*arguments, status=0):
    """Run the program on its own, as a script does."""
    done = subprocess.run(
        [sys.executable, "-m", "lib", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert done.returncode == status, done.stderr
    return done


def is_a_sentence(text):
    return "Traceback" not in text and 1 <= len(text.strip().splitlines()) <= 2


@pytest.fixture
def refused(capsys, monkeypatch):
    """Run what can't be done, within this process; return the one or two lines that say why."""
    monkeypatch.chdir(ROOT)

    def refused(*arguments):
        assert main(list(map(str, arguments))) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert is_a_sentence(err)
        return err

    return refused


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "unet.csv"
    # Under 20 runs no forest is grown, which takes most of the time.
    path.write_text(unet_export(18, crashed=2), encoding="utf-8")
    return path


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
BAD_FILES = {
    "an empty file": ("empty.csv", b"", "empty"),
    "a picture": ("picture.csv", PNG, "picture.csv"),
    "a header without rows": ("header.csv", b"Name,State,lr,val_score\n", "no rows"),
    "no numeric column": ("text.csv", b"Name,State,note\na,finished,x\nb,finished,y\n", "no numeric"),
    "no snapshot": ("broken.parquet", b"PAR1 and nothing more", "broken.parquet"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_file_that_can_not_be_used_gets_a_sentence_and_status_2(tmp_path, refused, kind):
    name, content, says = BAD_FILES[kind]
    path = tmp_path / name
    path.write_bytes(content)
    assert says in refused("report", path)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("report", "nowhere.csv"), "nowhere.csv"),
        (("report", "sample", "--metric", "nothing"), "no metric 'nothing'"),
        (("report", "sample", "--goal", "up"), "'up' is not one of: maximize, minimize"),
        (("report", "sample", "--value", "first"), "'first' is not one of: last, best"),
        (("report", "sample", "--top", "0"), "at least 1"),
        (("report", "sample", "--top", "many"), "--top"),
        (("report", "sample", "--parameters", "nothing"), "no config key 'nothing'"),
        (("report", "sample", "--format", "word"), "--format"),
        (("report", "sample", "--format", "pdf"), "--output"),
        (("report", "sample", "--color"), "--color"),
        (("report", "sample", "--sweep-config", "nowhere.yaml"), "nowhere.yaml"),
        (("report", "sample", "--sweep-config", "pyproject.toml"), "pyproject.toml"),
        (("report", "sample/other"), "sample/other"),
        (("report",), "SOURCE"),
        ((), "COMMAND"),
        (("describe", "sample"), "describe"),
        (("fetch", "sample"), "--output"),
    ],
)
def test_a_wrong_request_gets_a_sentence_and_status_2(refused, arguments, says):
    assert says in refused(*arguments)


def test_a_wandb_that_can_not_be_reached_is_status_3(tmp_path, monkeypatch, capsys):
    for name, value in {"WANDB_BASE_URL": "http://127.0.0.1:9", "WANDB_API_KEY": "0" * 40}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("lib.sources.wandb.api.fetch", partial(fetch, wait=4.0))
    assert main(["report", "team/project/abcd1234"]) == 3
    assert is_a_sentence(capsys.readouterr().err)


def test_a_sweep_without_a_key_says_which_is_missing(refused):
    assert "WANDB_API_KEY" in refused("report", "team/project/abcd1234")


def test_the_program_itself_ends_with_status_2_and_a_sentence(tmp_path):
    path = tmp_path / "picture.csv"
    path.write_bytes(PNG)
    done = run("report", path, status=2)
    assert done.stdout == ""
    assert is_a_sentence(done.stderr)


def test_an_output_that_can_not_be_written_gets_a_sentence(export, refused, tmp_path):
    assert "Choose another --output" in refused(
        "report", export, "--format", "json", "--output", tmp_path / "no" / "where.json"
    )


def test_the_formats_and_where_they_go(export, tmp_path, capsys):
    assert main(["report", str(export)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("# Sweep report: unet.csv\n")
    assert err == ""
    target = tmp_path / "report.html"
    assert main(["report", str(export), "--format", "html", "--output", str(target)]) == 0
    assert capsys.readouterr() == ("", "")
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")


def found_by(capsys, *arguments):
    assert main(["report", *map(str, arguments), "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_options_reach_the_report(export, capsys):
    options = ("--states", "finished, crashed", "--parameters", "dropout,batch_size", "--top", "3", "--quiet")
    found = found_by(capsys, export, "--metric", "val_loss", "--goal", "minimize", *options)
    assert found["sweep"]["objective"] == {"metric": "val_loss", "goal": "minimize", "value": "last"}
    assert [p["name"] for p in found["sweep"]["parameters"] if p["role"] == "searched"] == ["batch_size", "dropout"]
    assert len(found["top_runs"]) == 3
    assert found["runs"]["excluded"] == [{"reason": "no value of val_loss", "count": 2}]


def test_a_sweep_config_declares_what_the_export_does_not(export, tmp_path, capsys):
    config = tmp_path / "sweep.yaml"
    config.write_text(
        yaml.safe_dump(
            {
                "method": "random",
                "metric": {"name": "val_loss", "goal": "minimize"},
                "parameters": {"learning_rate": {"distribution": "log_uniform_values", "min": 1e-4, "max": 1e-2}},
            }
        ),
        encoding="utf-8",
    )
    found = found_by(capsys, export, "--sweep-config", config)
    assert found["sweep"]["method"] == "random"
    assert found["sweep"]["objective"]["metric"] == "val_loss"
    (searched,) = [p for p in found["sweep"]["parameters"] if p["role"] == "searched"]
    assert (searched["name"], searched["scale"], searched["declared"]) == ("learning_rate", "log", True)


def test_numbers_beyond_all_bounds_print_no_warnings(tmp_path):
    rows = [[f"r{i}", "finished", 10.0**-i, (-1) ** i * 10.0 ** (300 + i % 8)] for i in range(12)]
    path = tmp_path / "huge.csv"
    path.write_text(to_csv(["Name", "State", "lr", "val_score"], rows), encoding="utf-8")
    done = run("report", path, "--format", "json", "--quiet")
    assert done.stderr == ""
    assert "NaN" not in done.stdout
    assert json.loads(done.stdout)["runs"]["used"] == 12


def test_the_next_sweep_is_a_sweep_config_on_standard_output(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert main(["next-sweep", "sample", "--quiet"]) == 0
    out, err = capsys.readouterr()
    config = yaml.safe_load(out)
    assert config["method"]
    assert config["metric"] == {"name": "val_dice_coefficient", "goal": "maximize"}
    assert set(config["parameters"]) >= {"batch_size", "dropout", "l2_reg", "learning_rate"}
    assert err == ""


def test_too_few_runs_for_a_next_sweep_get_a_sentence(tmp_path, refused):
    path = tmp_path / "few.csv"
    path.write_text(unet_export(3), encoding="utf-8")
    assert "usable runs" in refused("next-sweep", path)


def test_a_snapshot_gives_the_report_of_its_source_to_the_byte(tmp_path, capsys):
    snapshot = tmp_path / "sample.parquet"
    assert main(["fetch", "sample", "--output", str(snapshot)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "160 runs" in err
    printed = []
    for source in ("sample", snapshot):
        assert main(["report", str(source), "--format", "json", "--quiet"]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]


def test_a_reader_that_goes_away_is_no_error(export):
    command = f"{sys.executable} -m lib report {export} --format html --quiet | head -c 10"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=ROOT, capture_output=True, check=False)
    # More than a pipe holds, so that writing it meets a closed one.
    assert (done.stdout, done.returncode) == (b"<!doctype ", 0)
    assert b"Traceback" not in done.stderr


def test_a_file_whose_name_is_no_text_is_read(tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"caf\xe9.csv")
    with open(path, "wb") as file:
        file.write(unet_export(12).encode())
    done = subprocess.run(
        [sys.executable, "-m", "lib", "report", path, "--format", "json"], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["source"]["label"] == "caf\ufffd.csv"


def test_a_pdf_without_a_browser_or_a_file_is_refused_in_one_sentence(refused, export, tmp_path, monkeypatch):
    monkeypatch.setattr("lib.render.pdf.find_browser", lambda: None)
    said = refused("report", export, "--quiet", "--format", "pdf", "--output", tmp_path / "report.pdf")
    assert "none was found" in said
    assert not (tmp_path / "report.pdf").exists()
    assert "--output" in refused("report", export, "--quiet", "--format", "pdf")


@pytest.mark.parametrize("spelled", ["runs.csv", "./runs.csv", "link.csv", "second.csv"])
@pytest.mark.parametrize("command", ["report", "fetch"])
def test_an_output_that_is_an_input_is_kept(command, spelled, export, refused, tmp_path, monkeypatch):
    runs = tmp_path / "runs.csv"
    runs.write_bytes(Path(export).read_bytes())
    (tmp_path / "link.csv").symlink_to(runs)
    (tmp_path / "second.csv").hardlink_to(runs)
    monkeypatch.chdir(tmp_path)
    before = runs.read_bytes()
    assert "is also read, and would be lost" in refused(command, "runs.csv", "--output", spelled)
    assert runs.read_bytes() == before


def test_a_sweep_config_that_is_the_output_is_kept(export, refused, tmp_path):
    config = tmp_path / "sweep.yaml"
    config.write_text("parameters: {lr: {min: 0.1, max: 1.0}}")
    assert "would be lost" in refused("report", export, "--sweep-config", str(config), "--output", str(config))


@pytest.mark.parametrize(("output", "says"), [("", "is no path"), (" ", "is no path"), (".", "is a folder")])
def test_an_output_that_names_no_file_leaves_nothing_behind(output, says, export, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert says in refused("report", export, "--output", output)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.skipif(sys.platform == "darwin", reason="names of files are UTF-8 there")
@pytest.mark.parametrize("format", ["markdown", "latex"])
def test_an_output_whose_name_is_no_text_is_written(format, export, tmp_path):
    output = tmp_path / os.fsdecode(b"\xff.txt")
    assert main(["report", str(export), "--quiet", "--format", format, "--output", str(output)]) == 0
    assert "\ufffd_" in output.read_text(encoding="utf-8") or "%EF%BF%BD_" in output.read_text(encoding="utf-8")


def test_a_tilde_in_the_output_is_the_home_folder(export, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert main(["report", str(export), "--quiet", "--format", "brief", "--output", "~/brief.md"]) == 0
    assert (tmp_path / "brief.md").is_file()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("redirect", [">/dev/full", ">&-"])
def test_standard_output_that_takes_nothing_gets_a_sentence(redirect, tmp_path):
    config = tmp_path / "sweep.yaml"
    config.write_text("method: bayes\nparameters: {lr: {min: 0.1, max: 1.0}}")
    command = f'"{sys.executable}" -m lib check "{config}" {redirect}'
    done = subprocess.run(command, shell=True, cwd=ROOT, stderr=subprocess.PIPE, encoding="utf-8", timeout=60)
    assert done.returncode == 2
    assert "tandard output" in done.stderr
    assert is_a_sentence(done.stderr)


@pytest.mark.parametrize("port", ["0", "65536", "99999999999", "-1", "1e3", "٣"])
def test_a_port_that_is_none_gets_a_sentence(port, refused):
    assert "is no port" in refused("app", f"--port={port}")


def test_no_control_character_of_the_data_reaches_a_terminal(tmp_path, capsys):
    odd = "\x1b]52;c;x\x07\x9b31m"
    runs = [{"name": f"r{at}{odd}", "config": {f"lr{odd}": at}, "summary": {f"loss{odd}": at % 3}} for at in range(6)]
    path = tmp_path / "runs.jsonl"
    path.write_text("\n".join(map(json.dumps, runs)))
    for arguments in (["--format", "brief"], ["--format", "markdown"], ["--metric", "none"]):
        main(["report", str(path), "--quiet", *arguments])
        shown = capsys.readouterr()
        assert "loss" in shown.out + shown.err
        assert not set(shown.out + shown.err) & set("\x1b\x07\x9b")


def test_a_pdf_holds_no_time_at_which_it_was_printed():
    first, then = (
        b"%%PDF-1.4 << /CreationDate (D:%b+00'00') /ModDate (D:%b-07'30')>> D:20250101" % (at, at)
        for at in (b"20261127033527", b"20270304050607")
    )
    assert _without_clock(first) == _without_clock(then)
    assert len(_without_clock(first)) == len(first)


@pytest.mark.parametrize("option", ["parameters", "states", "seeds", "scales", "columns"])
def test_an_option_that_names_nothing_is_not_taken_for_the_default(option, refused):
    assert f"--{option} names nothing" in refused("report", "sample", f"--{option}= ,")


def test_a_folder_in_place_of_a_sweep_config_is_called_so(refused, tmp_path):
    assert "is a folder" in refused("report", "sample", "--sweep-config", tmp_path)
