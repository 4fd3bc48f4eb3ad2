"""Settings in one cell: Hydra's overrides ("lr=0.1,model.width=64"), a command line, or a name made of them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from lib.sources.export.column_parts import Verdict
from lib.sources.export.evidence_of_names import weight_of_name
from lib.sources.export.kinds.shape import Kind, Look, Shape
from lib.sources.export.text_table import MOST_COLUMNS

_SETTING = re.compile(r"\+{0,2}~?([A-Za-z_][\w./@-]*)=([^=]*)")
_BETWEEN = re.compile(r"[,;|\s](?=\+{0,2}~?[A-Za-z_][\w./@-]*=)")
_AROUND = ",;| \t\r\n"
# In lr=0.1_batch_size=32 a value ends where another name begins.
_NAME_BEGINS = re.compile(r"[_\-/,;| ](?=[A-Za-z])")
_BEFORE_NAME = re.compile(r"[\-/,;| ]")
# lr0.1_bs32, lr_1e-3-bs-32: a word and the number behind it.
_WITHOUT_SIGN = re.compile(r"(?:^|[_\-/ ])([A-Za-z]+)[_\-]?([0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?)(?=$|[_\-/ ])")
_OPTION = re.compile(r"--?[A-Za-z][\w.-]*(=.*)?", re.DOTALL)
_LONGEST, _LONGEST_NAME = 10_000, 300

Records = list[dict[str, str]]


def _read(look: Look) -> Shape | None:
    settings = [name for name in look.names if weight_of_name(name) < 0]
    for at in range(len(look.names)):
        cells = look.table.columns[at]
        records = _records(cells) or _of_commands(cells)
        if records is None and settings.count(look.names[at]) == len(settings):
            # Beside columns of settings a name repeats what they say, in other words.
            records = _of_names(cells)
        if records is None:
            continue
        keys = list(dict.fromkeys(key for record in records for key in record))
        if len(keys) + len(look.names) > MOST_COLUMNS:
            return None
        columns = [pa.array([one.get(key, "") for one in records], type=pa.large_string()) for key in keys]
        same = any(column.equals(other) for column in columns for other in look.table.columns if _varies(other))
        if same or {_bare(key) for key in keys} & {_bare(name) for name in look.names}:
            # Other columns say the same.
            continue
        # What calls the runs by their settings goes on doing so.
        others = [place for place in range(len(look.names)) if place != at or look.names_a_run(at)]
        names = (*(look.names[place] for place in others), *keys)
        table = replace(look.table, names=names, columns=(*(look.table.columns[place] for place in others), *columns))
        config = Verdict("config", f"it stands in the cells of {look.names[at]}")
        settled = {len(others) + place: config for place in range(len(keys))}
        said = f"The settings in the cells of {look.names[at]} ({keys[0]}=…) were read as one column each."
        return Shape(look.table.format, table, settled, warnings=(said,))
    return None


def _varies(cells: pa.Array) -> bool:
    return pc.count_distinct(cells).as_py() > 1


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9.]", "", name.lower())


def _records(cells: pa.Array) -> Records | None:
    """Return the overrides of each cell by name; None where a filled cell holds anything else, or none holds two."""
    if not _each(pc.match_substring(cells, "="), cells):
        return None
    records: Records = []
    for text in cells.to_pylist():
        # Hydra's own list of them: ['lr=0.1', 'model=unet'].
        bare = re.sub(r"['\"](?=[,\]])|(?<=[\[ ])['\"]", "", text)[1:-1] if text[:1] + text[-1:] == "[]" else text
        parts = _BETWEEN.split(bare) if bare and len(bare) <= _LONGEST else []
        found = [_SETTING.fullmatch(part.strip(_AROUND)) for part in parts]
        if (bare and not parts) or not all(found):
            return None
        records.append({match[1]: match[2].strip() for match in found if match is not None})
    return _if_several(records)


def _of_commands(cells: pa.Array) -> Records | None:
    """Return the options of a command line in each cell; of one that never has a value, whether it was given."""
    if not _each(pc.match_substring_regex(cells, r"(^|\s)--[A-Za-z]"), cells):
        return None
    given: list[dict[str, list[str]]] = []
    for text in cells.to_pylist():
        options: dict[str, list[str]] = {}
        name = ""
        for word in _words(text[:_LONGEST]):
            if _OPTION.fullmatch(word):
                name, _, value = word.lstrip("-").partition("=")
                options[name] = [value] if value else []
            elif name:
                options[name].append(word)
        given.append(options)
    flags = {name for options in given for name in options} - {
        n for one in given for n, values in one.items() if values
    }
    return _if_several([
        {name: " ".join(values) for name, values in options.items() if name not in flags}
        | {flag: "true" if flag in options else "false" for flag in flags if options}
        for options in given
    ])  # fmt: skip


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _of_names(cells: pa.Array) -> Records | None:
    """Return the settings that each run is called by; None where names differ in which settings they hold.

    Behind "=" stands a setting; a number behind a word alone is one where most words are those of settings, since
    "exp1-run2" has such words too.
    """
    if not _each(pc.match_substring_regex(cells, "[A-Za-z].*[0-9]"), cells):
        return None
    texts = cells.to_pylist()
    by_sign = _found_in_all(_by_signs, texts)
    if by_sign is not None:
        return by_sign
    by_word = _found_in_all(lambda text: dict(_WITHOUT_SIGN.findall(text)), texts)
    if by_word is None or 2 * sum(weight_of_name(key) < 0 for key in by_word[0]) <= len(by_word[0]):
        return None
    return by_word


def _by_signs(text: str) -> dict[str, str]:
    """Return what stands before and behind each "=" of a name; nothing where a name or a value is missing."""
    first, *parts = text.split("=")
    found: dict[str, str] = {}
    key = _BEFORE_NAME.split(first)[-1]
    for at, part in enumerate(parts, start=1):
        value, *rest = _NAME_BEGINS.split(part, maxsplit=1) if at < len(parts) else [part]
        if not key[:1].isalpha() or not value or (at < len(parts) and not rest):
            return {}
        found[key], key = value.rstrip("_-/,;| "), rest[0] if rest else ""
    return found


def _found_in_all(found_in: Callable[[str], dict[str, str]], texts: Sequence[str]) -> Records | None:
    """Return the settings in each text, where all hold the same two or more, and one of them varies."""
    records: Records = []
    for text in texts:
        record = found_in(text[:_LONGEST_NAME])
        if len(record) < 2 or (records and record.keys() != records[0].keys()):
            return None
        records.append(record)
    return records if len({tuple(record.values()) for record in records}) > 1 else None


def _if_several(records: Sequence[Mapping[str, str]]) -> Records | None:
    return [dict(one) for one in records] if any(len(record) > 1 for record in records) else None


def _each(found: pa.Array, cells: pa.Array) -> bool:
    """Whether something was found in each filled cell, and one is filled."""
    blank = pc.equal(cells, "")
    return bool(pc.all(pc.or_(blank, found)).as_py()) and not pc.all(blank).as_py()


SETTINGS_IN_CELLS = Kind("settings in cells", _read)
