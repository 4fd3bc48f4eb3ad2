"""What a visitor can type reaches no file and no host, and runs nothing; and no key is in anything to take away."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.analysis.axis_choice import readable_choices
from lib.model.choices import Choices
from lib.model.derive import derivations_of, derived
from lib.model.errors import InputError
from lib.model.filters import readable_filters
from lib.model.objective import value_rule
from lib.render.app_table import file_name
from lib.render.html import report_as_html
from lib.render.markdown import report_as_markdown
from lib.render.written import tables_of, written
from lib.report import report_of
from lib.report.open import open_sweep
from lib.report.own_reading import OwnReading
from lib.report.request import Request
from lib.sections.csv import csv_of
from lib.sources import open_upload
from lib.sources.address import parse_address
from lib.sources.record import Address
from lib.sources.registry import fetching_code
from lib.sources.snapshot.file import snapshot_bytes
from lib.sources.sweep_config import parse_sweep_config
from lib.sources.wandb.access import Access, permits
from lib.sources.wandb.api import fetch
from testing.exports import unet_export
from testing.sweeps import search
from testing.wandb_server.fixtures import SWEEP, address_fixture, owner_fixture, server_fixture  # noqa: F401
from testing.wandb_server.server import StandIn

REACHING = ("open", "os.", "socket.", "subprocess.", "shutil.", "urllib.", "ctypes.", "pickle.")
# Python looks for and opens what it imports, and what memory is free is asked for before a file is read.
IMPORTED = (".py", ".pyc", ".so")
MEMORY = ("/proc/meminfo", "/proc/self/cgroup", "/proc/self/statm", "/sys/fs/cgroup/")
TYPED = (
    *("/etc/passwd", "/etc/passwd.csv", "../sample/sweep.parquet", "sample/../../etc/passwd", "~/.netrc", "runs.csv"),
    *("file:///etc/passwd", "file://localhost/etc/hosts.csv", "\\\\host\\share\\x.csv", "//host/share/x.csv"),
    *(
        "/proc/self/environ",
        "/dev/stdin",
        ".streamlit/secrets.toml",
        "C:\\x.parquet",
        "x.csv\x00",
        "NUL",
        "|id",
        "$(id)",
    ),
    *("http://169.254.169.254/latest/meta-data", "http://127.0.0.1:8501/a/b", "http://[::1]/a/b", "ftp://wandb.ai/a/b"),
    *("https://wandb.ai@evil.example/a/b", "https://wandb.ai.evil.example/a/b", "https://evil.example/wandb.ai/a/b"),
    *(
        "https://wandb.ai:8443/a/b",
        "https://user:pass@wandb.ai/a/b",
        "https://wandb\u3002ai/a/b",
        "s3://bucket/x.parquet",
    ),
    *("https://wandb.ai\\@evil.example/a/b", "https://wandb.ai#@evil.example/a/b", "javascript:alert(1)", "a/../../b"),
)
_heard: list[str] | None = None


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if _heard is None or not event.startswith(REACHING) or event == "os.listdir":
        return
    if event != "open" or not (str(arguments[0]).endswith(IMPORTED) or str(arguments[0]).startswith(MEMORY)):
        _heard.append(f"{event} {arguments}")


sys.addaudithook(_hear)


@contextlib.contextmanager
def nothing_reached() -> Iterator[None]:
    """Fail where Python opens a file, a connection or a process meanwhile."""
    global _heard
    _heard = []
    try:
        yield
        heard = list(_heard)
    finally:
        _heard = None
    assert heard == []


def test_the_watch_hears_what_it_is_for(tmp_path) -> None:
    with pytest.raises(AssertionError, match="open"), nothing_reached():
        (tmp_path / "x").write_text("x")


@pytest.mark.parametrize("text", TYPED)
def test_a_typed_source_that_is_no_source_reaches_nothing(text: str) -> None:
    with nothing_reached(), pytest.raises(InputError):
        open_sweep(Request((text,), base_url="https://wandb.example.org"), Choices(), OwnReading())


TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            ["/", "..", ".", "~", "etc", "passwd", ".csv", "://", "http", "file", "wandb.ai", "@", "%2e", "a", "b"]
        ),
        max_size=10,
    ).map("".join),
)


@given(TEXTS)
def test_any_typed_source_is_a_project_on_the_configured_server_or_refused(text: str) -> None:
    with nothing_reached():
        try:
            address = parse_address(text, base_url="https://api.wandb.example.org", files_allowed=False)
        except InputError:
            return
    assert address.kind in ("sample", "sweep", "project")
    assert address.path is None
    for name in (address.entity, address.project, address.sweep_id):
        assert name is None or (name not in ("", ".", "..") and not set(name) & set("/\\#?%"))


@given(TEXTS, st.lists(st.sampled_from(["a/b", "a/*", "team/seg", "team/seg/s1"]), max_size=3))
def test_the_owners_key_is_lent_for_nothing_that_is_not_allowed(text: str, allowed: list[str]) -> None:
    access = Access("canary", owner=True, allowed=tuple(allowed))
    with contextlib.suppress(InputError):
        address = parse_address(text, files_allowed=False)
        if address.kind != "sample" and permits(access, str(address.entity), str(address.project), address.sweep_id):
            whole = f"{address.entity}/{address.project}"
            assert {whole, f"{address.entity}/*", f"{whole}/{address.sweep_id}"} & set(allowed)


CODE = st.one_of(
    st.sampled_from(
        [
            "__import__('os').system('id')",
            "open('/etc/passwd').read()",
            "lr.__class__.__mro__",
            "(lambda: 1)()",
            "exec('1')",
            "lr if 1 else 2",
            "9**9**9**9",
            "`lr`.real",
            "[x for x in lr]",
            "f'{lr}'",
            "lr:=1",
            "lr" + "+lr" * 500,
            "(" * 200 + "lr" + ")" * 200,
        ]
    ),
    st.text(alphabet="lr()+-*/.,'\"`_[]{}:=<>1 e\n", max_size=50),
)


@given(CODE)
def test_whatever_stands_in_a_field_runs_nothing(text: str) -> None:
    sweep = search(12)
    tries: tuple[Callable[[], object], ...] = (
        lambda: derived(sweep, derivations_of([f"made={text}"])),
        lambda: readable_filters([text, f"lr:{text}", f"lr={text}", f"-{text}"], sweep),
        lambda: readable_choices([text, f"lr:{text}", f"lr={text}"], ["lr", "batch"]),
        lambda: value_rule(text),
        lambda: parse_sweep_config(text, "x"),
    )
    with nothing_reached():
        for attempt in tries:
            with contextlib.suppress(InputError):
                attempt()


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object/apply:os.system ['id']",
        "method: !!python/name:os.system",
        "a: &a [x, x]\nparameters: !!binary aGk=",
        "\n".join(["a0: &a0 {v: 1}", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12))]),
        "[" * 500,
        "parameters: {x: {min: " + "9" * 5_000 + "}}",
    ],
)
def test_a_sweep_config_runs_nothing_and_swells_to_nothing(text: str) -> None:
    with nothing_reached(), contextlib.suppress(InputError):
        parse_sweep_config(text, "x.yaml")


@pytest.mark.parametrize("name", ["../../etc/cron.d/x.csv", "/etc/passwd", "..\\x", "\x00", "a/b.csv", "", "." * 300])
def test_the_name_of_an_upload_names_no_path(name: str) -> None:
    # What is read of the program's own files is read once.
    open_upload("first.csv", unet_export(5).encode())
    with nothing_reached():
        sweep = open_upload(name, unet_export(5).encode())
    written = file_name(sweep.origin.label)
    assert 0 < len(written) <= 80
    assert not set(written) & set("/\\\x00")
    assert written.strip(".")


def test_nothing_to_take_away_holds_a_key(server: StandIn, owner: Access, address: Callable[[str], Address]) -> None:
    sweep = fetch(address(SWEEP), access=owner)
    report = report_of(sweep, Choices())
    tables = [csv_of(one.make()) for one in tables_of(written(report))]
    texts = [report_as_html(report), report_as_markdown(report), json.dumps(report.to_dict()), fetching_code(sweep)]
    assert not [text for text in (*texts, *tables) if "canary" in text or not text]
    assert b"canary" not in snapshot_bytes(sweep)
