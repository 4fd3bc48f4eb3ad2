"""Addresses of the data become links only where they lead to a W&B website: in tables, Markdown, HTML and JSON."""

from __future__ import annotations

import json
import re
from string import printable
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.__main__ import main
from lib.model.sweep import Declaration
from lib.render.html import report_as_html
from lib.render.markdown import report_as_markdown
from lib.sources.known_links import safe_link, with_known_links
from testing.sweeps import reported, sweep_of

OWN = "https://api.wandb.example.org:8443"

TAKEN = {
    "https://wandb.ai/team/project/runs/abc": "https://wandb.ai/team/project/runs/abc",
    "HTTPS://WandB.ai/Team": "https://wandb.ai/Team",
    "https://wandb.ai:443/a": "https://wandb.ai/a",
    "https://www.wandb.ai/a?x=1&y=%20#z": "https://www.wandb.ai/a?x=1&y=%20#z",
    "https://acme.wandb.io/a": "https://acme.wandb.io/a",
    "https://forge.coreweave.com/wandb/a/b": "https://forge.coreweave.com/wandb/a/b",
    "https://wandb.ai": "https://wandb.ai",
}
REFUSED = (
    "",
    "javascript:alert(1)",
    "JaVaScRiPt://wandb.ai/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "//wandb.ai/a",
    "/wandb.ai/a",
    "wandb.ai/a",
    "http://wandb.ai/a",
    "https:wandb.ai",
    "https:/wandb.ai",
    "https:///wandb.ai",
    "https://wandb.ai@evil.example/",
    "https://user:pass@wandb.ai/",
    "https://evil.example/wandb.ai",
    "https://evil.example#.wandb.ai",
    "https://evil.example?.wandb.ai",
    "https://evil.example\\.wandb.ai",
    "https://wandb.ai\\@evil.example",
    "https:\\\\wandb.ai\\a",
    "https://wandb.ai.evil.example/",
    "https://evilwandb.ai/",
    "https://wandb.ai./",
    "https://wandb.ai:8080/",
    "https://wandb.ai:0443x/",
    "https://wandb.ai%2eevil.example/",
    "https://%77andb.ai/",
    "https://wandb.aı/",
    "https://w\u0430ndb.ai/",
    "https://wandb。ai/",
    "https://wandb.ai\u202e/gpj.exe",
    "https://wan\tdb.ai/",
    "https://wandb.ai/\nb",
    "https://wandb.ai/a b",
    "https://wandb.ai/\x00",
    'https://wandb.ai/"><script>',
    "https://wandb.ai/<b>",
    "https://wandb.ai/`x`",
    "https://wandb.ai/[x](y)|z",
    " https://wandb.ai/a",
    "https://wandb.ai/a ",
    "https://coreweave.com/a",
    "https://customer.coreweave.com/a",
    "https://wandb.ai/" + "a" * 2_000,
    "https://[::1]/",
    None,
    float("nan"),
)


@pytest.mark.parametrize(("text", "link"), TAKEN.items())
def test_addresses_of_wandb_are_links(text, link):
    assert safe_link(text) == link


@pytest.mark.parametrize("text", REFUSED)
def test_no_other_address_is_a_link(text):
    assert safe_link(text) is None
    assert safe_link(text, OWN) is None


@pytest.mark.parametrize(
    ("own", "text", "known"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/a/b", True),
        ("http://127.0.0.1:8080", "https://127.0.0.1:8080/a/b", True),
        ("http://127.0.0.1:8080", "http://127.0.0.1/a/b", False),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080@evil.example/", False),
        ("http://wandb.local", "https://wandb.local/a", True),
        ("http://wandb.local", "http://other.local/a", False),
        ("https://api.wandb.example.org", "https://wandb.example.org/a", True),
        ("https://api.wandb.example.org", "http://wandb.example.org/a", False),
        (OWN, "https://wandb.example.org:8443/a", True),
        (OWN, "https://wandb.example.org/a", False),
        ("http://[::1]:8080", "http://[::1]:8080/a", True),
        ("no address", "https://no/a", False),
    ],
)
def test_the_configured_server_is_known_as_it_is_configured(own, text, known):
    assert (safe_link(text, own) is not None) is known


@given(
    st.text(alphabet=printable + "\u0430\u3002\u202e", max_size=40),
    st.sampled_from(["", "https://", "https://wandb.ai"]),
)
def test_what_is_a_link_leads_where_it_is_allowed_to(text, start):
    link = safe_link(start + text)
    if link is not None:
        parts = urlsplit(link)
        assert parts.scheme == "https"
        assert parts.netloc == parts.hostname
        assert re.fullmatch(r"([a-z0-9.-]+\.)?wandb\.(ai|io)|forge\.coreweave\.com", parts.netloc)
        assert link.isascii()
        assert not set(link) & set('\\"<>`| \n\t')


EVIL = ("javascript:alert(1)", "https://wandb.ai@evil.example/", 'https://evil.example/?x="><script>alert(1)</script>')


def evil_sweep():
    urls = ["https://wandb.ai/t/p/runs/a", *EVIL] * 5
    sweep = sweep_of(
        {"lr": [i / 20 for i in range(20)], "url": [f"https://evil.example/{i}" for i in range(20)]},
        {"score": [float(i % 7) for i in range(20)]},
        urls=urls,
    )
    return with_known_links(sweep)


def test_other_addresses_are_left_out_and_counted():
    sweep = evil_sweep()
    assert set(sweep.runs["url"]) == {"https://wandb.ai/t/p/runs/a", ""}
    assert [w for w in sweep.warnings if "The addresses of 15 runs" in w]
    assert with_known_links(sweep) is sweep


def test_the_address_of_a_sweep_is_checked_the_same_way():
    from dataclasses import replace

    sweep = replace(evil_sweep(), declarations=(Declaration(id="a", url="javascript:alert(1)"),))
    checked = with_known_links(sweep)
    assert checked.declarations == (Declaration(id="a", url=None),)
    assert [w for w in checked.warnings if "1 sweep" in w]


def test_no_format_holds_another_link():
    report = reported(evil_sweep())
    markdown = report_as_markdown(report)
    assert set(re.findall(r"(?<!\\)<(\w+:[^>]*)>", markdown)) <= {"https://wandb.ai/t/p/runs/a"}
    assert not re.findall(r"(?<!\\)\]\((?!report_files)", markdown)
    assert not re.findall(r'(?:href|src)="(?!#|data:,)', report_as_html(report).split("<script>")[0])
    assert "evil" not in json.dumps([t["url"] for t in report.to_dict()["top_runs"]])


def test_a_file_of_strange_addresses_is_read_on_the_command_line(tmp_path, capsys):
    rows = "\n".join(f"r{i},finished,id{i},{EVIL[i % 2]},{i / 10},{i % 3}" for i in range(10))
    path = tmp_path / "runs.csv"
    path.write_text(f"Name,State,ID,URL,lr,loss\n{rows}\n", encoding="utf-8")
    assert main(["report", str(path), "--format", "json", "--quiet"]) == 0
    assert {run["url"] for run in json.loads(capsys.readouterr().out)["top_runs"]} == {None}
