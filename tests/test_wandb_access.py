"""Whose key, and what it may be used for: settings, permission, and that no key shows anywhere."""

from __future__ import annotations

import copy
import logging
import pickle

import pytest

from lib.model.errors import InputError
from lib.sources.address import parse_address
from lib.sources.wandb.access import (
    Access,
    access_from_settings,
    cache_scope,
    permit,
    permits,
    permitted_entities,
    visitor_access,
    with_named,
)

KEY = f"canary{'0' * 34}"


def lent(*allowed: str) -> Access:
    return Access(KEY, owner=True, allowed=allowed)


def address(text: str):
    return parse_address(text, files_allowed=False)


@pytest.mark.parametrize(("environ", "secrets", "key"), [
    ({}, {}, None),
    ({"WANDB_API_KEY": ""}, {"wandb": {"api_key": "  "}}, None),
    ({"WANDB_API_KEY": "one"}, {"wandb": {"api_key": "two"}}, "one"),
    ({}, {"wandb": {"api_key": " two "}}, "two"),
])  # fmt: skip
def test_the_environments_key_goes_before_the_secrets(environ: dict, secrets: dict, key: str | None) -> None:
    access = access_from_settings(environ, secrets)
    assert (None if access is None else access.key) == key


def test_all_settings_are_read() -> None:
    table = {"api_key": KEY, "base_url": "https://wandb.example.org/", "allowed": ["team/seg", "people/*"]}
    access = access_from_settings({}, {"wandb": table})
    assert access == Access(KEY, True, "https://wandb.example.org", ("team/seg", "people/*"))


@pytest.mark.parametrize("table", [
    "text", {"api_key": 5}, {"api_key": KEY, "allowed": 5}, {"api_key": KEY, "allowed": ["team"]},
    {"api_key": KEY, "allowed": ["*/seg"]}, {"api_key": KEY, "allowed": ["team/s*"]},
    {"api_key": KEY, "allowed": ["team//seg"]}, {"api_key": KEY, "allowed": {"team": "seg"}},
    {"api_key": KEY, "base_url": "wandb.example.org"}, {"api_key": KEY, "base_url": "file:///etc/passwd"},
    {"api_key": KEY, "base_url": f"https://api:{KEY}@wandb.example.org"},
])  # fmt: skip
def test_settings_that_cannot_be_meant_are_told_without_the_key(table: object) -> None:
    with pytest.raises(InputError) as caught:
        access_from_settings({}, {"wandb": table})
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(("allowed", "source", "may"), [
    ((), "team/seg", False),
    (("team/seg",), "team/seg", True),
    (("team/seg",), "team/seg/abc", True),
    (("team/seg",), "team/other", False),
    (("team/seg",), "team/segment", False),
    (("team/*",), "team/seg/abc", True),
    (("team/*",), "teams/seg", False),
    (("*",), "any/thing", True),
    (("team/seg/abc",), "team/seg/abc", True),
    (("team/seg/abc",), "team/seg/abd", False),
    (("team/seg/abc",), "team/seg", False),
    (("Team/seg",), "team/seg", False),
])  # fmt: skip
def test_the_owners_key_opens_what_is_allowed_and_nothing_else(allowed: tuple, source: str, may: bool) -> None:
    if may:
        permit(lent(*allowed), address(source))
    else:
        with pytest.raises(InputError, match=r"allowed = \[\"team/|allowed = \[\"teams/"):
            permit(lent(*allowed), address(source))


@pytest.mark.parametrize("allowed", [("team/proj1/sweep100",), ("team/proj1",)])
def test_a_project_whose_name_holds_a_slash_is_no_sweep(allowed: tuple[str, ...]) -> None:
    assert not permits(lent(*allowed), "team", "proj1/sweep100")
    assert not permits(lent(*allowed), "team/proj1", "sweep100")
    assert permits(lent(*allowed), "team", "proj1", "sweep100")


def test_parts_of_a_key_never_run_together_in_a_cache_scope() -> None:
    joined = Access(f"{KEY}\x1fTrue\x1f", owner=True)
    assert cache_scope(joined) != cache_scope(Access(KEY, owner=True, base_url="True"))


def test_what_was_named_on_the_command_line_is_permitted_too() -> None:
    access = with_named(lent("team/seg"), [address("people/unet/abc"), address("sample")])
    assert permits(access, "people", "unet", "abc")
    assert not permits(access, "people", "unet")
    assert not permits(access, "people", "unet", "abd")
    assert permits(access, "team", "seg")


def test_a_visitors_own_key_is_asked_nothing() -> None:
    permit(visitor_access(KEY, None), address("any/thing"))


def test_a_blank_key_is_told() -> None:
    with pytest.raises(InputError, match="Paste a W&B API key"):
        visitor_access("  ", None)


def test_entities_to_choose_from_are_those_that_are_allowed() -> None:
    assert permitted_entities(lent("team/seg", "people/*", "team/other")) == ("people", "team")
    assert permitted_entities(lent("*")) is None
    assert permitted_entities(visitor_access(KEY, None)) is None


def test_no_text_of_an_access_holds_the_key(caplog: pytest.LogCaptureFixture) -> None:
    access = lent("team/seg")
    logging.getLogger("test").warning("%s %r", access, access)
    shown = [repr(access), str(access), f"{access}", repr([access]), cache_scope(access), caplog.text]
    assert not [text for text in shown if "canary" in text]


def test_an_access_is_not_pickled_or_copied() -> None:
    for take in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="holds a key"):
            take(lent())


def test_a_cache_scope_tells_apart_key_server_and_permission() -> None:
    accesses = [
        None,
        lent(),
        lent("team/seg"),
        Access(KEY, owner=False),
        Access(KEY, owner=False, base_url="https://wandb.example.org"),
        Access(KEY[:-1] + "1", owner=False),
    ]
    assert len({cache_scope(access) for access in accesses}) == len(accesses)


def test_a_cache_scope_is_the_same_for_the_same_access() -> None:
    assert cache_scope(lent("a/b", "c/d")) == cache_scope(lent("c/d", "a/b"))
