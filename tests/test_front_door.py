"""What a stranger finds first: files that are well-formed, links that lead somewhere, commands that the program has."""

from __future__ import annotations

import json
import re
import subprocess
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from lib import __version__
from lib.__main__ import FORMATS, _parser
from lib.installed import REPOSITORY
from lib.ui.about import menu_items
from lib.ui.shell import SCRIPTS

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "sample" / "README.md"]
FORMS = sorted((ROOT / ".github").rglob("*.yml"))
SETTINGS = [*FORMS, ROOT / ".pre-commit-config.yaml", ROOT / "docker-compose.yml", ROOT / "CITATION.cff"]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def anchors(page):
    """Return the anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", page, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize(
    "name",
    [
        *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "AGENTS.md", "LICENSE", "CITATION.cff"),
        *("Dockerfile", ".dockerignore", "docker-compose.yml", "deploy/Caddyfile", ".devcontainer/devcontainer.json"),
        *(".pre-commit-config.yaml", ".github/dependabot.yml", ".github/ISSUE_TEMPLATE/wrong.yml"),
    ],
)
def test_the_front_door_is_there(name):
    assert read(name).strip()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_repository_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    bare = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    links = re.findall(r"\]\(([^)\s]+)\)", bare) + re.findall(r'(?:src|srcset|href)="([^"]+)"', bare)
    for link in links:
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("path", SETTINGS, ids=lambda path: path.name)
def test_settings_are_well_formed(path):
    assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)


def test_the_development_container_is_well_formed():
    assert json.loads(read(".devcontainer/devcontainer.json"))["forwardPorts"] == [8501]


def test_the_readme_names_the_programs_own_commands_and_formats():
    text = read("README.md")
    commands = set(re.findall(r"(?:python -m lib|(?<!/)sweep-report) ([a-z][a-z-]+)\b", text))
    known = set(next(a for a in _parser()._actions if a.metavar == "COMMAND").choices)
    assert commands == known
    assert f"--format {'|'.join(FORMATS)}" in text


def test_the_version_is_the_same_everywhere():
    assert yaml.safe_load(read("CITATION.cff"))["version"] == __version__
    assert f"Sweep Report {__version__}" in (menu_items()["About"] or "")


def test_the_proxy_sends_the_headers_that_were_tried():
    tried = re.search(r"Content-Security-Policy: (.*?)\n\s*X-Content", read("docs/deployment.md"), re.S)
    assert tried is not None
    assert " ".join(tried.group(1).split()) in read("deploy/Caddyfile")


def test_the_proxy_lets_the_apps_own_scripts_run():
    allowed = set(re.findall(r"'sha256-([^']+)'", read("deploy/Caddyfile")))
    scripts = [re.search(r"<script>(.*)</script>", path.read_text(encoding="utf-8"), re.S) for path in SCRIPTS]
    assert allowed == {b64encode(sha256(one.group(1).encode()).digest()).decode() for one in scripts}


def test_the_container_runs_as_a_user_of_its_own_and_says_whether_it_is_well():
    text = read("Dockerfile")
    assert re.search(r"^USER (?!root)", text, re.M)
    assert "HEALTHCHECK" in text
    for source in re.findall(r"^COPY (\S+)", text, re.M):
        assert list(ROOT.glob(source)), source


def test_no_secret_reaches_the_container():
    assert read(".dockerignore").splitlines()[1] == "*"
    assert "!.streamlit/config.toml" in read(".dockerignore")


def test_what_is_kept_out_of_the_repository_is_kept_out_of_it():
    done = subprocess.run(
        ["git", "check-ignore", ".env", ".streamlit/secrets.toml"], cwd=ROOT, capture_output=True, check=False
    )
    if done.returncode == 128:
        pytest.skip("not a checkout")
    assert len(done.stdout.split()) == 2


def test_the_repositorys_address_is_said_in_one_place():
    """Without one, the menu leads nowhere and README names OWNER; with one, README names it."""
    menu, text = menu_items(), read("README.md")
    if REPOSITORY:
        assert menu["Get help"].startswith(REPOSITORY)
        assert REPOSITORY in text
        assert "OWNER" not in text
    else:
        assert menu["Get help"] is None
        assert menu["Report a bug"] is None
        assert "github.com/OWNER/sweep-report" in text


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda path: path.stem)
def test_a_workflow_runs_commands_and_files_that_are_there(path):
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    # YAML 1.1 reads the key "on" as true.
    assert True in workflow
    assert workflow["permissions"]["contents"] == "read"
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    runs = "\n".join(step.get("run", "") for step in steps)
    assert runs.strip()
    for name in re.findall(r"pip install -r (\S+)", runs):
        assert (ROOT / name).exists()
    for line in re.findall(r"^python -m lib (.+)$", runs, re.M):
        _parser().parse_args(line.split())
    for target in re.findall(r"^make (\S+)$", runs, re.M):
        assert f"\n{target}:" in read("Makefile")
