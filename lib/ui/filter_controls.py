"""Filters by pointing and clicking: a range for each column of numbers, pills for levels, text, and groups with "or".

The filters as text are the one truth: each control shows what they say, and writes it when it is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from lib.analysis.filter_ranges import LevelChoice, RangeChoice, choice_of, tags_of
from lib.charts.palette import ACCENT, GREY
from lib.model.choices import AnyOf, Condition, Filter
from lib.model.errors import InputError
from lib.model.filters import condition_of, parts_of, text_of, words_of
from lib.model.numbers import number
from lib.model.objective_choice import numeric_metrics
from lib.model.sweep import Sweep
from lib.render.app_choices import held, is_outdated, take
from lib.render.app_highlight import forget_brushes
from lib.render.app_selection import KEY
from lib.render.app_text import plain_markdown, prose

_COLUMNS, _TEXT, _JOINED = "filter-columns", "filter-text", "filter-joined"
MOST_AT_FIRST = 6
_EPOCHS = "filter-sliders"
_TAGS = "tags"
_BARS = 50


def draw_filter_controls(sweep: Sweep) -> None:
    """Draw the controls, folded until the reader wants them. To be called before the filters as text are drawn."""
    fold = st.expander("Filter by values", key="filter-controls", on_change="rerun", icon=":material/tune:")
    if not fold.open:
        return
    with fold:
        standing = _standing()
        _draw_text(standing)
        columns = _columns(sweep)
        shown = st.multiselect(
            "Columns",
            columns,
            default=_varied(sweep)[:MOST_AT_FIRST],
            key=_COLUMNS,
            help="Hyperparameters, metrics, and what is known of each run. Type to search.",
        )
        for place, name in enumerate(shown):
            _draw_column(sweep, name, place, standing)
        _draw_tags(sweep, standing)
        _draw_groups(standing)


def _columns(sweep: Sweep) -> list[str]:
    config = [str(name) for name in sweep.config.columns]
    return list(dict.fromkeys([*config, *numeric_metrics(sweep), "runtime", "name", "group"]))


def _varied(sweep: Sweep) -> list[str]:
    """Return config keys that vary, those of the sweep's own config first."""
    declared = {str(name) for d in sweep.declarations for name in ((d.config or {}).get("parameters") or {})}
    names = [str(name) for name in sweep.config.columns if sweep.config[name].astype(str).nunique() > 1]
    return sorted(names, key=lambda name: name not in declared)


def _draw_text(standing: Sequence[Condition]) -> None:
    held = next((one.contains for one in standing if isinstance(one, Filter) and _by_text(one)), "")
    st.session_state[_TEXT] = held or ""
    st.text_input(
        "Name, tag, group or a level has",
        key=_TEXT,
        on_change=_write_text,
        placeholder="a piece of text",
        autocomplete="off",
    )


def _draw_column(sweep: Sweep, name: str, place: int, standing: Sequence[Condition]) -> None:
    choice = choice_of(sweep, name)
    own = [one for one in standing if isinstance(one, Filter) and one.column == name and not one.exclude]
    key = f"filter-of-{place}-{name}"
    if choice is None:
        st.caption(prose(f"{name}: all runs are alike."))
    elif isinstance(choice, LevelChoice):
        st.session_state[key] = list(choice.chosen_by(own))
        st.pills(
            plain_markdown(name),
            choice.levels,
            selection_mode="multi",
            key=key,
            on_change=_write_levels,
            args=(key, choice),
            format_func=lambda level: plain_markdown(level or "missing"),
        )
    else:
        chosen = choice.chosen_by(own)
        key = _key_of_slider(key, chosen)
        st.html(_histogram(choice, *chosen))
        st.select_slider(
            plain_markdown(name),
            choice.stops,
            value=chosen,
            key=key,
            on_change=_write_range,
            args=(key, choice),
            format_func=lambda value: number(float(value), 3),
        )


def _key_of_slider(key: str, chosen: tuple[float, float]) -> str:
    """Return the key of a slider: another one where the filters say other than it holds, so that it begins with these.

    A slider of ranges takes its first value as an argument alone. One that is moved keeps its key and the focus.
    """
    epochs: dict[str, int] = st.session_state.setdefault(_EPOCHS, {})
    held = st.session_state.get(f"{key}-{epochs.get(key, 0)}")
    if held is not None and tuple(held) != chosen:
        epochs[key] = epochs.get(key, 0) + 1
    return f"{key}-{epochs.get(key, 0)}"


def _histogram(choice: RangeChoice, low: float, high: float) -> str:
    """Return the counts between the stops as small bars, those within the range in the accent colour."""
    size = max(1, -(-len(choice.counts) // _BARS))
    bars = [
        (sum(choice.counts[at : at + size]), low <= choice.stops[at] < high)
        for at in range(0, len(choice.counts), size)
    ]
    most = max([height for height, _ in bars] or [1]) or 1
    drawn = "".join(
        f'<div style="flex:1;height:{max(100 * height / most, 0 if not height else 4):.0f}%;'
        f'background:{ACCENT if inside else GREY};opacity:{0.8 if inside else 0.4}"></div>'
        for height, inside in bars
    )
    return (
        '<div role="img" aria-label="How many runs have which value" '
        f'style="display:flex;align-items:flex-end;gap:1px;height:28px;margin-bottom:-0.6rem">{drawn}</div>'
    )


def _draw_tags(sweep: Sweep, standing: Sequence[Condition]) -> None:
    tags = tags_of(sweep)
    if not tags:
        return
    held = [part.contains for one in standing if _is_of_tags(one) for part in parts_of(one)]
    st.session_state["filter-tags"] = [tag for tag in tags if tag in held]
    st.pills(
        "Tags",
        tags,
        selection_mode="multi",
        key="filter-tags",
        on_change=_write_tags,
        format_func=plain_markdown,
        help="Runs that have one of these.",
    )


def _draw_groups(standing: Sequence[Condition]) -> None:
    """Draw what joins filters with "or", and what parts such a group again."""
    texts = [text_of(one) for one in standing]
    if len(texts) > 1:
        chosen = st.pills(
            "Filters, all of which have to hold",
            texts,
            selection_mode="multi",
            key=_JOINED,
            format_func=lambda text: plain_markdown(words_of(condition_of(text))),
        )
        st.button(
            "One of the chosen suffices",
            key="join-filters",
            on_click=_join,
            args=(tuple(chosen),),
            disabled=len(chosen) < 2,
            icon=":material/call_merge:",
            help="Joins them with “or”." if len(chosen) > 1 else "Choose two or more filters above.",
        )
    for place, one in enumerate(standing):
        if isinstance(one, AnyOf):
            st.button(
                plain_markdown(f"All have to hold: {words_of(one)}"),
                key=f"part-group-{place}",
                on_click=_part,
                args=(text_of(one),),
                icon=":material/call_split:",
            )


def _standing() -> list[Condition]:
    found = []
    for text in held(KEY) or st.query_params.get_all(KEY):
        try:
            found.append(condition_of(text))
        except InputError:
            continue
    return found


def _by_text(one: Filter) -> bool:
    return not one.column and not one.exclude


def _is_of_tags(one: Condition) -> bool:
    return all(part.column == _TAGS and part.contains is not None and not part.exclude for part in parts_of(one))


def _write_text() -> None:
    text = str(st.session_state[_TEXT]).strip()
    _replace(lambda one: isinstance(one, Filter) and _by_text(one), Filter("", contains=text) if text else None)


def _write_range(key: str, choice: RangeChoice) -> None:
    _replace_on(choice.name, choice.filter_of(*st.session_state[key]))


def _write_levels(key: str, choice: LevelChoice) -> None:
    _replace_on(choice.name, choice.filter_of(st.session_state[key]))


def _write_tags() -> None:
    parts = tuple(Filter(_TAGS, contains=tag) for tag in st.session_state["filter-tags"])
    _replace(_is_of_tags, AnyOf(parts) if len(parts) > 1 else parts[0] if parts else None)


def _replace_on(column: str, new: Filter | None) -> None:
    _replace(lambda one: isinstance(one, Filter) and one.column == column and not one.exclude, new)


def _replace(old: Callable[[Condition], bool], new: Condition | None) -> None:
    """Write a condition in the place of those that `old` is true for. To be called in callbacks alone."""
    if is_outdated(KEY):
        # The controls of a closed popover come back with it.
        return
    texts: list[str] = []
    written = False
    for one in _standing():
        if not old(one):
            texts.append(text_of(one))
        elif new is not None and not written:
            texts.append(text_of(new))
            written = True
    if new is not None and not written:
        texts.append(text_of(new))
    take(KEY, texts)
    forget_brushes()


def _join(chosen: Sequence[str]) -> None:
    parts = tuple(dict.fromkeys(part for text in chosen for part in parts_of(condition_of(text))))
    texts = [text_of(one) for one in _standing() if text_of(one) not in chosen]
    take(KEY, [*texts, text_of(AnyOf(parts) if len(parts) > 1 else parts[0])])
    st.session_state.pop(_JOINED, None)


def _part(text: str) -> None:
    texts = [text_of(one) for one in _standing()]
    parts = [text_of(part) for part in parts_of(condition_of(text))]
    at = texts.index(text)
    take(KEY, list(dict.fromkeys([*texts[:at], *parts, *texts[at + 1 :]])))
