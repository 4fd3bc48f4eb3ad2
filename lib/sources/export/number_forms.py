"""How people and programs write numbers in cells: percent signs, units, spreads, thousands, commas, durations.

Each form reads one cell as text that Python reads as a number, or says that the cell isn't written so. What can't be
certain of one cell (is "1,234" a thousand or a little over one?) is decided by the column (`lib.sources.export.cells`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lib.sources.export.wrapped_numbers import is_list_of_one, wrapped_number

LONGEST = 60
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_ANGLO = re.compile(r"([-+]?[0-9]{1,3}(?:,[0-9]{3})+)(\.[0-9]*)?")
_SPACED = re.compile(r"([-+]?[0-9]{1,3}(?:[ \u00a0\u202f'’][0-9]{3})+)(?:[.,]([0-9]+))?")
_POINTED = re.compile(r"([-+]?[0-9]{1,3}(?:\.[0-9]{3})+)(?:,([0-9]+))?")
_DECIMAL_COMMA = re.compile(r"([-+]?[0-9]+),([0-9]+(?:[eE][-+]?[0-9]+)?)")
_CLOCK = re.compile(r"(?:([0-9]{1,6}) days?,? )?([0-9]{1,6}):([0-9]{1,2}):([0-9]{1,2}(?:\.[0-9]{1,9})?)")
# (0.79-0.83), [0.79, 0.83], (95% CI 0.79 to 0.83)
_INTERVAL = re.compile(r"[(\[][-+–0-9.,;:%eECIto ]+[)\]]")
_SPELLED = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([a-z]+)[., ]*")
# 1/16, 2/255: a share of a whole, and no ratio of two parts (80/20).
_FRACTION = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?/ ?([0-9]+(?:\.[0-9]+)?)")
# 2^-5, 10**3, 3×10^-4, 3 \cdot 10^{-4}; 10⁻³ once its digits are written so.
_POWER = re.compile(
    r"(?:([-+]?[0-9]+(?:\.[0-9]+)?) ?(?:×|x|\*|·|\\times|\\cdot) ?)?"
    r"([0-9]+(?:\.[0-9]+)?)(?:\^|\*\*)[{(]?([-+]?[0-9]{1,3})[)}]?"
)
_RAISED = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹", "-+0123456789")
_RAISED_PART = re.compile(r"(?<=[0-9])[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+$")
_UNDERSCORED = re.compile(r"[-+]?[0-9]{1,3}(?:_[0-9]{3})+(?:\.[0-9]+)?")
_BETWEEN = str.maketrans(dict.fromkeys("()[],;–-%", " "))
_SPACES = str.maketrans("", "", " \u00a0\u202f'’")
_PLUS_MINUS = ("±", "+/-", "+-", "\\pm")
_EMPHASIS = (
    *((f"\\{word}{{", "}") for word in ("textbf", "mathbf", "underline", "textit", "emph")),
    *((f"<{tag}>", f"</{tag}>") for tag in ("b", "u", "i", "strong", "em")),
)
"""What sets the best cell apart in LaTeX and HTML."""
_CURRENCIES = ("$", "€", "£", "¥", "USD", "EUR", "GBP")

UNITS: dict[str, tuple[str, float]] = {
    **{"ns": ("s", 1e-9), "us": ("s", 1e-6), "µs": ("s", 1e-6), "μs": ("s", 1e-6), "ms": ("s", 1e-3)},
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), ("s", 1.0)),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), ("s", 60.0)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), ("s", 3600.0)),
    **dict.fromkeys(("d", "day", "days"), ("s", 86400.0)),
    **{"B": ("bytes", 1.0), "bytes": ("bytes", 1.0), "byte": ("bytes", 1.0)},
    **{f"{p}B": ("bytes", 1000.0**i) for i, p in enumerate("kMGTP", start=1)},
    **{f"{p}iB": ("bytes", 1024.0**i) for i, p in enumerate("KMGTP", start=1)},
    **{"KB": ("bytes", 1e3), "Kb": ("bytes", 1e3), "kb": ("bytes", 1e3), "mb": ("bytes", 1e6), "gb": ("bytes", 1e9)},
    **{"Hz": ("Hz", 1.0), "kHz": ("Hz", 1e3), "MHz": ("Hz", 1e6), "GHz": ("Hz", 1e9)},
    **{"k": ("", 1e3), "K": ("", 1e3), "M": ("", 1e6), "G": ("", 1e9), "bn": ("", 1e9), "T": ("", 1e12)},
    **{"FLOPs": ("FLOPs", 1.0), "MFLOPs": ("FLOPs", 1e6), "GFLOPs": ("FLOPs", 1e9), "TFLOPs": ("FLOPs", 1e12)},
    **{"mW": ("W", 1e-3), "W": ("W", 1.0), "kW": ("W", 1e3), "J": ("J", 1.0), "kJ": ("J", 1e3), "mJ": ("J", 1e-3)},
    **{"Wh": ("Wh", 1.0), "kWh": ("Wh", 1e3)},
    **{u: (u, 1.0) for u in ("dB", "px", "fps", "FPS", "bits", "bit", "bpp", "bpb", "it/s", "img/s", "s/it", "tok/s")},
    **{u: (u, 1.0) for u in ("samples/s", "tokens/s", "images/s", "steps/s", "ms/step", "s/epoch", "ms/batch", "nats")},
    **{u: (u, 1.0) for u in ("layers", "layer", "heads", "shot", "shots", "hop", "hops", "folds", "way", "b")},
    **{u: (u, 1.0) for u in ("pp", "pts", "points", "epochs", "steps", "mm", "cm", "m", "km", "mg", "kg", "°C", "x")},
}  # fmt: skip
"""The dimension of each unit, by its own unit, and how many of that it is."""
# These name levels as often as they measure ("2d", "4x", "8bit", "7B", "10M"): other evidence is asked for.
_DOUBTFUL = frozenset((
    "d", "m", "x", "bit", "bits", "B", "b", "k", "K", "M", "G", "T", "h", "W", "px", "s", "steps", "epochs", "layers",
    "layer", "heads", "shot", "shots", "hop", "hops", "folds", "way",
))  # fmt: skip
# Beside sizes in kB and GB a B is a byte, and of memory; beside 5k and 350M, or alone, it is a billion.
_COUNTED = {"B": "bn", "b": "bn", "m": "M"}
_TAKEN = frozenset(("percent", "unit", "duration", "power", "fraction"))
_MAGNITUDES = frozenset(("k", "K", "M", "G", "bn", "T", "B", "b", "m"))


@dataclass(frozen=True, slots=True)
class Written:
    """One cell as its form reads it."""

    form: str
    """"percent", "spread", "currency", "unit", "duration", "thousands", "comma", "sign", "power", "fraction", or
    "wrapped"."""
    number: str
    """Text that Python reads as the number; of a "unit" the number as written."""
    unit: str = ""
    """The unit as written."""
    doubtful: bool = False
    """Whether it may as well be a level: read only where other evidence says that the column measures."""


def plain_number(text: str) -> bool:
    """Whether Python reads the text as a decimal number as it is."""
    return _NUMBER.fullmatch(text) is not None


def written_number(text: str, commas: bool = False) -> Written | None:
    """Read one cell that is no plain number; None where it is written in no form.

    text : the cell, trimmed. commas : whether commas are decimal points throughout the table.
    """
    if (inside := wrapped_number(text)) is not None:
        return Written("wrapped", repr(inside))
    if not text or len(text) > LONGEST:
        return None
    bare = _without_signs(text)
    if bare != text and plain_number(bare):
        return Written("sign", bare)
    if (grouped := _grouped(bare, commas)) is not None:
        return grouped
    if (worked_out := _worked_out(bare)) is not None:
        return worked_out
    if commas:
        bare = bare.replace(",", ".")
    for sign in _CURRENCIES:
        if bare.startswith(sign):
            number, rest = _split(bare[len(sign) :].strip().replace(",", ""))
            return Written("currency", number) if number and not rest else None
    number, rest = _split(bare)
    if number:
        found = _after_number(number, rest)
        if found is not None:
            return found
    seconds = seconds_of(bare)
    return None if seconds is None else Written("duration", repr(seconds), "s")


def _worked_out(bare: str) -> Written | None:
    """Read a power (2^-5, 3×10^-4) or a fraction of a whole (1/16); None for anything else."""
    if _UNDERSCORED.fullmatch(bare) is not None:
        return Written("thousands", bare.replace("_", ""))
    raised = _RAISED_PART.sub(lambda found: "^" + found[0].translate(_RAISED), bare)
    if (power := _POWER.fullmatch(raised)) is not None:
        factor, base, exponent = float(power[1] or 1), float(power[2]), int(power[3])
        # Of ten the text is read as it is, which rounds once.
        value = float(f"{power[1] or 1}e{exponent}") if base == 10 else _power(factor, base, exponent)
        return None if value is None else Written("power", _text_of(value))
    if (fraction := _FRACTION.fullmatch(bare)) is not None:
        part, whole = float(fraction[1]), float(fraction[2])
        if 0 < part <= whole:
            return Written("fraction", _text_of(part / whole), doubtful=True)
    return None


def _power(factor: float, base: float, exponent: int) -> float | None:
    try:
        return factor * base**exponent
    except (OverflowError, ZeroDivisionError):
        return None


def _text_of(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(value)


def taken_as_written(text: str) -> bool:
    """Whether a program may take a number's text as it is: 1/16, 64K, 10%, [64]; no "1,000" and no "**0.5**"."""
    written = written_number(text)
    return written is not None and (written.form in _TAKEN or is_list_of_one(text))


def as_counted(units: Collection[str], of_memory: bool) -> Mapping[str, str]:
    """Return what units of one column stand for, where all are magnitudes: of 125m, 7B the latter is a billion.

    of_memory : whether the column's name says that it is of bytes.
    """
    if not _MAGNITUDES.issuperset(units) or (of_memory and "B" in units) or set(units) == {"m"}:
        return {}
    return _COUNTED


def _split(text: str) -> tuple[str, str]:
    """Split text into the number that it begins with, "" without one, and what follows."""
    found = _NUMBER.match(text)
    return ("", text) if found is None else (found[0], text[found.end() :].strip())


def _after_number(number: str, rest: str) -> Written | None:
    if rest == "%":
        return Written("percent", number, "%")
    if rest in _CURRENCIES:
        return Written("currency", number)
    # 4-bit, 5-shot
    unit = rest[1:] if rest[:1] == "-" and rest[1:] in _DOUBTFUL and len(rest) > 3 else rest
    if unit in UNITS:
        return Written("unit", number, unit, doubtful=unit in _DOUBTFUL)
    unit = "%" if rest.startswith("%") else ""
    rest = rest.removeprefix("%").strip()
    if _INTERVAL.fullmatch(rest) and sum(map(plain_number, rest.translate(_BETWEEN).split())) > 1:
        return Written("spread", number, unit)
    if rest.startswith("(") and rest.endswith(")"):
        inner = rest[1:-1].strip()
        inner = next((inner.removeprefix(sign).strip() for sign in _PLUS_MINUS if inner.startswith(sign)), inner)
        return Written("spread", number, unit, doubtful=True) if plain_number(inner.removesuffix("%")) else None
    for sign in _PLUS_MINUS:
        if rest.startswith(sign):
            spread, more = _split(rest[len(sign) :].strip())
            return Written("spread", number, unit) if spread and more in ("", "%") else None
    return None


def in_base_units(written: Written) -> tuple[str, float]:
    """Return the dimension's own unit ("s", "bytes", …) and the number in it."""
    unit, size = UNITS[written.unit]
    return unit, float(written.number) * size


def dimension_of(unit: str) -> str:
    """Return the dimension's own unit ("s", "bytes", …) of a unit."""
    return UNITS[unit][0]


def seconds_of(text: str) -> float | None:
    """Read "1h 48m", "2 min 5 s", "01:48:00" or "1 days 02:03:04" as seconds; None for anything else.

    Two parts alone ("12:30") are no duration: they may be a time of day or a ratio.
    """
    if (found := _CLOCK.fullmatch(text)) is not None:
        days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
        return 86400 * days + 3600 * hours + 60 * minutes + seconds
    total, at, parts = 0.0, 0, 0
    while part := _SPELLED.match(text, at):
        unit = "min" if part[2] == "m" else part[2]
        if unit not in UNITS or UNITS[unit][0] != "s":
            return None
        total += float(part[1]) * UNITS[unit][1]
        at, parts = part.end(), parts + 1
    return total if parts > 1 and at == len(text) else None


def _without_signs(text: str) -> str:
    """Take off what stands around a number: apostrophes of spreadsheets, stars of footnotes and of bold text."""
    bare = text.replace("\u2212", "-")
    if len(bare) > 2 and bare[0] in "'\"" and bare[-1] == bare[0]:
        bare = bare[1:-1].strip()
    elif bare[:1] in ("'", "’", "`"):
        bare = bare[1:]
    if bare[:1] == "$" and bare[-1:] == "$":
        bare = bare[1:-1]
    for opening, closing in _EMPHASIS:
        if bare.startswith(opening) and bare.endswith(closing):
            bare = bare[len(opening) : -len(closing)].strip()
    bare = bare.removeprefix("**").removesuffix("**").rstrip("*†‡").removeprefix("=")
    return bare.strip(" \u00a0\u202f\t")


def _grouped(bare: str, commas: bool) -> Written | None:
    if (found := _SPACED.fullmatch(bare)) is not None:
        whole = found[1].translate(_SPACES)
        return Written("thousands", f"{whole}.{found[2]}" if found[2] else whole)
    if commas:
        if (found := _POINTED.fullmatch(bare)) is not None and (found[2] or bare.count(".") > 1):
            return Written("thousands", found[1].replace(".", "") + (f".{found[2]}" if found[2] else ""))
        if (found := _DECIMAL_COMMA.fullmatch(bare)) is not None:
            return Written("comma", f"{found[1]}.{found[2]}")
        return None
    if (found := _ANGLO.fullmatch(bare)) is not None and not bare.lstrip("+-").startswith("0"):
        return Written("thousands", found[1].replace(",", "") + (found[2] or ""))
    return None


def decides_for_commas(text: str, measured: bool) -> bool:
    """Whether a cell can only be a number with a decimal comma: "0,85", "3,5e-4", "1.234,5".

    measured : whether the column is of something measured. Elsewhere "12,5" may be a list.
    """
    if len(text) > LONGEST:
        return False
    bare = _without_signs(text).removesuffix("%").strip()
    if (found := _DECIMAL_COMMA.fullmatch(bare)) is not None:
        sure = found[1].lstrip("+-") == "0" or "e" in found[2].lower()
        return sure or (measured and _ANGLO.fullmatch(bare) is None)
    found = _POINTED.fullmatch(bare)
    return found is not None and found[2] is not None


def decides_for_points(text: str) -> bool:
    """Whether a cell is a number with a decimal point, or one whose commas part thousands."""
    if len(text) > LONGEST:
        return False
    bare = _without_signs(text).removesuffix("%").strip()
    if (found := _ANGLO.fullmatch(bare)) is not None:
        return bool(found[2])
    return "." in bare and plain_number(bare)
