"""How numbers are written for people: four significant digits, scientific only where needed. Exports stay unrounded."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

MISSING = "–"


def number(value: Any, digits: int = 4) -> str:
    """Write a number with `digits` significant digits; whole numbers below a million whole; text and booleans as is.

    None and NaN become an en dash. Scientific notation is used below 1e-4 and from 1e6 in size.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, float) and math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    if 1e-4 <= abs(value) < 1e6:
        decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
        text = f"{value:.{decimals}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    # A whole number may be larger than any float.
    mantissa, exponent = f"{Decimal(value):.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}"


def exact(value: Any) -> str:
    """Write a value in full, as exports and hovers do: the shortest text that reads back as the same number."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def count(value: int, one: str, many: str | None = None) -> str:
    """Write a count with its noun: "1 run", "480 runs", "10,000 runs"."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def percent(share: float | None) -> str:
    """Write a share of 0..1 as a percentage: whole from 10%, one decimal below."""
    if share is None or not math.isfinite(share):
        return MISSING
    return f"{100 * share:.0f}%" if abs(share) >= 0.0995 else f"{100 * share:.1f}%"


def p_value(p: float | None) -> str:
    """Write a p-value with its sign: "p < 0.001" or "p = 0.024"."""
    if p is None or not math.isfinite(p):
        return "p not defined"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def interval(low: float | None, high: float | None) -> str:
    """Write an interval: "0.5266 to 0.529"; an en dash where it isn't defined."""
    return MISSING if low is None or high is None else f"{number(low)} to {number(high)}"


def duration(seconds: float | None) -> str:
    """Write a time span in its two largest units: "4 d 3 h", "12 min 5 s", "0.8 s"."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    if seconds < 60:
        return f"{number(seconds, 2)} s"
    units = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
    whole = round(seconds)
    for (size, name), (smaller, smaller_name) in zip(units, units[1:], strict=False):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size} {name}" + (f" {rest} {smaller_name}" if rest else "")
    return f"{whole} s"


def moment(iso: str | None) -> str:
    """Write an ISO 8601 time in UTC for people: "2026-11-23 17:01 UTC"; an en dash where it isn't known."""
    if not iso:
        return MISSING
    try:
        time = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{time.astimezone(UTC) if time.tzinfo else time:%Y-%m-%d %H:%M} UTC"


def listing(names: list[str] | tuple[str, ...], most: int = 6) -> str:
    """Write names as a list in words: "a, b and c"; "a, b, c and 4 more" beyond `most`."""
    shown = [str(name) for name in names]
    if len(shown) > most:
        return f"{', '.join(shown[:most])} and {len(shown) - most:,} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else "none"
