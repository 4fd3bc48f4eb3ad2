"""The app over a W&B server: reading, permission, keys, failures and age, as a visitor meets them."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from lib.sections import BY_ADDRESS
from lib.serving.wandb_readings import CHANGES_SECONDS
from testing.browser.frame import button_of, click_to, open_popover, runs_kept
from testing.browser.nightly import FIRST
from testing.browser.server import App, running_app
from testing.browser.visit import PATIENCE, Visits, wait_until_drawn
from testing.wandb_server.made_data import OWNER_KEY, VISITOR_KEY, made_project, made_store
from testing.wandb_server.server import StandIn

# What the app is opened on; each test that changes its data, or what is known of them, has one of its own.
SWEEP = "team/seg/sweep01"
LISTS = "lab/lists"
# Below 20 no forest is grown.
RUNS = 18
STOPPED, FAILING, RESTARTED, CHANGING, RUNNING = (
    f"team/{name}/sweep01" for name in ("stopped", "failing", "restarted", "changing", "running")
)
# A reader may have it asked every 30 seconds: in this test's app that is every 10.
SOON = FIRST + "from lib.ui.wandb_panel import REFRESH\nREFRESH['30 s'] = 10"
OLDER = "2025-05-01T00:00:00Z"
SOURCES = (SWEEP, LISTS, STOPPED, FAILING, RESTARTED, CHANGING, RUNNING)


@pytest.fixture(scope="module")
def served() -> Iterator[StandIn]:
    store = made_store(RUNS)
    for source in (STOPPED, FAILING, RESTARTED, CHANGING, RUNNING):
        store.add(made_project(RUNS, name=source.split("/")[1]))
    lists = made_project(RUNS, entity="lab", name="lists")
    lists.sweeps += [
        replace(lists.sweeps[0], id=f"other{n}", display_name=f"another {n}", created_at=OLDER) for n in range(30)
    ]
    store.add(lists)
    with StandIn(store) as server:
        yield server


@pytest.fixture
def server(served: StandIn) -> Iterator[StandIn]:
    """The stand-in, which has been asked nothing yet and fails nowhere."""
    served.log.clear()
    yield served
    served.faults.clear()
    served.graphql.page_cap = None


@pytest.fixture
def opened(visit: Visits) -> Iterator[Callable[[str], Page]]:
    """Open pages, each in a profile of its own, and leave them after the test: an open page goes on asking its app."""
    with ExitStack() as stack:
        yield lambda url: stack.enter_context(visit(url)).page


@contextmanager
def app_over(server: StandIn, folder: Path, sources: Sequence[str] = SOURCES, log: str = "log.txt") -> Iterator[App]:
    """The app with the owner's key, opened on some sources, and nothing else allowed."""
    environment = {
        "WANDB_BASE_URL": server.url,
        "WANDB_API_KEY": OWNER_KEY,
        "SWEEP_REPORT_CACHE": str(folder / "cache"),
    }
    with running_app(folder / log, sources, environment=environment, first=SOON) as app:
        yield app


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("wandb")


@pytest.fixture(scope="module")
def wandb_app(served: StandIn, folder: Path) -> Iterator[App]:
    with app_over(served, folder) as app:
        yield app


def read(page: Page, source: str) -> None:
    """Wait until the page says that it shows the source."""
    expect(page.get_by_text(f"{RUNS} runs from {source}")).to_be_visible(timeout=PATIENCE)


def data_of(app: App, source: str) -> str:
    return f"{app.url}/data?{urlencode({'source': source})}"


def main_text(page: Page) -> str:
    return page.locator('[data-testid="stMain"]').inner_text()


def show_sources(page: Page) -> None:
    open_popover(page, "source")
    expect(page.get_by_role("combobox", name="W&B address")).to_be_visible()


def refresh(page: Page) -> None:
    open_popover(page, "source").get_by_role("button", name="Refresh", exact=True).click()


def refresh_with_the_owners_key(page: Page) -> None:
    """Wait until the key that visitors share is lent again, which it isn't at once, and refresh."""
    page.wait_for_timeout(1_000 * CHANGES_SECONDS)
    refresh(page)


def use_key(page: Page, key: str) -> None:
    show_sources(page)
    page.locator('input[type="password"]').fill(key)
    page.get_by_role("button", name="Use this key").click()
    expect(page.get_by_role("button", name="Forget my key")).to_be_visible(timeout=PATIENCE)


def test_a_source_named_at_the_start_is_read_and_another_project_is_refused(visit, wandb_app):
    with visit(data_of(wandb_app, LISTS)) as seen:
        read(seen.page, LISTS)
    with visit(f"{wandb_app.url}/data?source=other%2Fprivate") as seen:
        expect(seen.page.get_by_text("may not open other/private")).to_be_visible(timeout=PATIENCE)
    with visit(f"{wandb_app.url}/data?source=https%3A%2F%2Fevil.example%2Fa%2Fb") as seen:
        assert "evil.example" in main_text(seen.page)
        assert "Ledger" not in main_text(seen.page)


@pytest.mark.parametrize("source", ["%2Fetc%2Fpasswd", "requirements.csv"])
def test_the_address_cannot_name_a_file_of_the_server(opened, wandb_app, source):
    page = opened(f"{wandb_app.url}/data?source={source}")
    expect(page.get_by_text("can't be opened from here")).to_be_visible(timeout=PATIENCE)


def choose(page: Page, label: str, option: str | None) -> list[str]:
    """Open a list of the picker, choose an option (or none), and return all options that it offers."""
    page.get_by_role("combobox", name=label, exact=True).click(timeout=PATIENCE)
    offered = page.get_by_role("option")
    expect(offered.first).to_be_visible(timeout=PATIENCE)
    names = offered.all_inner_texts()
    if option is None:
        page.keyboard.press("Escape")
    else:
        offered.filter(has_text=option).first.click()
    return names


def open_address(page: Page, address: str) -> None:
    # What is drawn again meanwhile would take back what is typed.
    wait_until_drawn(page)
    show_sources(page)
    page.get_by_role("combobox", name="W&B address").fill(address)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")  # Closes the list of sources, which swallows a click.


def downloaded(page: Page, label: str) -> bytes:
    # A click while the page still runs would go to a button that is about to be replaced.
    wait_until_drawn(page)
    with page.expect_download(timeout=PATIENCE) as download:
        page.get_by_test_id("stDownloadButton").filter(has_text=label).first.click(timeout=PATIENCE)
    return Path(download.value.path()).read_bytes()


# By day: `tests/test_wandb_loader.py` (another key or permission is never served from the cache).
@pytest.mark.nightly
def test_two_visitors_with_two_keys_never_see_each_others_projects(opened, wandb_app, server):
    keys = {"team/seg": f"canary2{5:033d}", "other/private": VISITOR_KEY}
    server.store.keys |= {key: (path,) for path, key in keys.items()}
    pages = {path: opened(f"{wandb_app.url}/data?source=sample") for path in keys}
    for path, page in pages.items():
        entity, project = path.split("/")
        use_key(page, keys[path])
        page.get_by_text("Choose from a list").click()
        assert choose(page, "Entity", entity) == [entity]
        assert choose(page, "Project", project) == [project]
        page.get_by_role("button", name="Open the whole project").click(timeout=PATIENCE)
        # Beside the list, which closes and holds what was open before; that is no choice.
        page.locator("h1").first.click(force=True)
        expect(page.get_by_text(f"runs from {path}")).to_be_visible(timeout=PATIENCE)
        for address in ("findings", "data"):
            click_to(page, BY_ADDRESS[address])
            wait_until_drawn(page)
        expect(page.get_by_text(f"runs from {path}")).to_be_visible(timeout=PATIENCE)
    # Both have read theirs, so the cache holds both; neither gets the other's by its address.
    for path, page in pages.items():
        other = next(each for each in pages if each != path)
        open_address(page, other)
        expect(page.get_by_text(f"There is no {other}")).to_be_visible(timeout=PATIENCE)
        assert f"runs from {other}" not in main_text(page)
        # What is drawn again meanwhile would close the popover.
        wait_until_drawn(page)
        open_popover(page, "source").get_by_role("button", name="Forget my key").click()
        expect(page.get_by_text(f"may not open {path}")).to_be_visible(timeout=PATIENCE)
    # Nobody without a key does, by the very address that was open.
    stranger = opened(f"{wandb_app.url}/data?source=other%2Fprivate")
    expect(stranger.get_by_text("may not open other/private")).to_be_visible(timeout=PATIENCE)
    assert "12 runs" not in main_text(stranger)


# By day: `test_a_sweep_is_chosen_from_lists` opens what it is to open, and no more.
@pytest.mark.nightly
def test_the_field_of_sources_has_no_entry_that_opens_them_all(opened, wandb_app):
    page = opened(data_of(wandb_app, "sample"))
    before = page.url
    show_sources(page)
    page.get_by_role("combobox", name="W&B address").click()
    expect(page.get_by_role("option").first).to_be_visible()
    expect(page.get_by_role("option", name="Select all")).to_have_count(0)
    page.keyboard.press("Escape")
    assert page.url == before


def test_no_key_is_in_an_address_a_page_a_message_a_log_a_download_or_a_file(opened, wandb_app, server):
    page = opened(data_of(wandb_app, LISTS))
    read(page, LISTS)
    seen = [downloaded(page, "Snapshot (Parquet)"), downloaded(page, "CSV")]
    server.store.keys[VISITOR_KEY] = ("other/private", LISTS)
    use_key(page, VISITOR_KEY)
    open_address(page, "other/private")
    # Beside what was open before.
    expect(button_of(page, "runs")).to_contain_text(f"{RUNS + 12} runs", timeout=PATIENCE)
    seen += [downloaded(page, "Snapshot (Parquet)"), page.content().encode(), page.url.encode()]
    # A server, or a proxy before it, that repeats the key in what it says.
    server.fail("graphql", "Runs", message=f"no quota is left for {VISITOR_KEY}")
    refresh(page)
    expect(page.get_by_text("no quota is left for (key)")).to_be_visible(timeout=PATIENCE)
    seen += [page.content().encode(), page.evaluate("JSON.stringify([localStorage, document.cookie])").encode()]
    kept = [file for place in (wandb_app.log.parent, Path(os.environ["WANDB_CACHE_DIR"])) for file in place.rglob("*")]
    assert wandb_app.log in kept
    assert [file for file in kept if file.suffix == ".parquet"]
    seen += [file.read_bytes() for file in kept if file.is_file()]
    assert not [text[:200] for text in seen if b"canary" in text]


def test_a_fetch_that_is_stopped_or_left_goes_on_and_the_next_visit_has_it(visit, opened, wandb_app, server):
    server.graphql.page_cap = 7
    server.fail("slow", "Runs", skip=1, times=1, seconds=5)
    with visit.window() as seen:
        seen.page.goto(data_of(wandb_app, STOPPED))
        expect(seen.page.get_by_text(f"7 of {RUNS} runs")).to_be_visible(timeout=PATIENCE)
        seen.page.get_by_role("button", name="Stop", exact=True).click()
    read(opened(data_of(wandb_app, STOPPED)), STOPPED)
    assert server.data_operations() == ["GetSweep", "Runs", "Runs", "Runs"]


# By day: `tests/test_wandb_loader.py`.
@pytest.mark.nightly
def test_the_last_good_data_stays_with_its_age_when_the_server_fails(opened, wandb_app, server):
    page = opened(data_of(wandb_app, FAILING))
    read(page, FAILING)
    server.fail("status", status=403)
    refresh_with_the_owners_key(page)
    expect(page.get_by_text("What is shown here was read")).to_be_visible(timeout=PATIENCE)
    assert f"{RUNS} runs from {FAILING}" in main_text(page)
    assert page.locator('[data-testid="stException"]').count() == 0


# By day: `tests/test_wandb_loader.py`.
@pytest.mark.nightly
def test_the_last_good_data_survives_a_restart(opened, wandb_app, server, folder):
    read(opened(data_of(wandb_app, RESTARTED)), RESTARTED)
    server.fail("status", status=403)
    with app_over(server, folder, [RESTARTED], log="restarted.txt") as app:
        page = opened(f"{app.url}/data")
        expect(page.get_by_text("What is shown here was read")).to_be_visible(timeout=PATIENCE)
        assert f"{RUNS} runs from {RESTARTED}" in main_text(page)


# By day: `tests/test_wandb_loader.py`, `tests/test_wandb_refresh.py`.
@pytest.mark.nightly
def test_reading_again_asks_only_for_what_changed(opened, wandb_app, server):
    page = opened(data_of(wandb_app, CHANGING))
    read(page, CHANGING)
    before = len(server.data_operations())
    server.touch("team/changing", 3)
    refresh_with_the_owners_key(page)
    for _ in range(PATIENCE // 100):
        if len(server.data_operations()) > before:
            break
        page.wait_for_timeout(100)
    wait_until_drawn(page)
    read(page, CHANGING)
    assert 1 <= len(server.data_operations()) - before <= 4


def test_a_running_sweep_is_asked_by_itself_for_what_changed(opened, wandb_app, server):
    project = server.store.visible(OWNER_KEY, "team/running")
    project.sweeps[0].state = "RUNNING"
    late, other = [run for run in project.runs if run.state == "finished"][:2]
    late.state = "running"
    page = opened(f"{data_of(wandb_app, RUNNING)}&refresh=30+s&run={other.id}&light=run_id%3D{other.id}")
    read(page, RUNNING)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Its configuration")).to_be_visible(timeout=PATIENCE)
    main = page.get_by_test_id("stMain")
    # A note is being written, and nothing of it is sent yet.
    note = dialog.get_by_role("textbox", name="Your note on this run")
    note.press_sequentially("half a thought")
    view = page.get_by_test_id("stDialog")
    scrolled = view.evaluate("view => view.scrollTop")
    assert scrolled > 100
    main.evaluate("main => main.scrollTo(0, 240)")
    was, before = runs_kept(page), len(server.data_operations())
    late.state = "finished"
    server.touch("team/running", 3)
    expect(button_of(page, "runs")).to_contain_text(re.compile(rf"(All )?{was + 1} (of \d+ )?runs"), timeout=PATIENCE)
    assert 1 <= len(server.data_operations()) - before <= 4
    expect(page.locator(".st-key-live-changes")).to_contain_text(re.compile(r"1 new run since \d\d:\d\d"))
    # What the reader was at stays: the open run, the note, the highlight, the place on the page.
    expect(dialog.get_by_text("Its configuration")).to_be_visible()
    expect(note).to_have_value("half a thought")
    assert abs(view.evaluate("view => view.scrollTop") - scrolled) < 50
    expect(page.locator(".st-key-highlighted")).to_contain_text(f"1 of {was + 1} runs highlighted")
    assert main.evaluate("main => main.scrollTop") > 100
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Seen").click()
    expect(page.locator(".st-key-live-changes")).to_have_count(0, timeout=PATIENCE)


# By day: `test_a_sweep_is_chosen_from_lists` below.
@pytest.mark.nightly
def test_lists_to_choose_from_are_searched_by_typing(opened, wandb_app):
    page = opened(f"{wandb_app.url}/data?source=sample")
    show_sources(page)
    page.get_by_text("Choose from a list").click()
    choose(page, "Entity", "lab")
    choose(page, "Project", "lists")
    box = page.get_by_role("combobox", name="Sweep", exact=True)
    box.click(timeout=PATIENCE)
    box.press_sequentially("first")
    expect(page.get_by_role("option")).to_have_count(1)
    box.press("Enter")
    page.get_by_role("button", name="Open this sweep").click(timeout=PATIENCE)
    page.wait_for_url("**source=lab%2Flists%2Fsweep01**", timeout=PATIENCE)


def test_a_sweep_is_chosen_from_lists(opened, wandb_app):
    page = opened(f"{wandb_app.url}/data?source=sample")
    show_sources(page)
    page.get_by_text("Choose from a list").click()
    assert choose(page, "Entity", "lab") == ["lab", "team"]
    assert choose(page, "Project", "lists") == ["lists"]
    newest, *_ = choose(page, "Sweep", "first look")
    assert newest == f"first look (finished, {RUNS} runs, 2025-06-01)"
    page.get_by_role("button", name="Open this sweep").click(timeout=PATIENCE)
    read(page, f"{LISTS}/sweep01")
    page.wait_for_url("**source=lab%2Flists%2Fsweep01**", timeout=PATIENCE)
