"""How numbers are written for people. One rule a kind of number; exports stay unrounded (`exact`).

Values have four significant digits, or one digit beyond their uncertainty where that is known (0.5727 ± 0.007);
differences carry their sign; minus is a real minus sign; p is "< 0.001" or has two digits; durations are in their two
largest units.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

MISSING = "–"
MINUS = "−"
# An uncertainty that would take more digits than these is rounding error, or that of values decades smaller: the value
# is written as any other.
_MOST_DIGITS = 5
# How many times farther one end of an interval may lie from its value than the other for both to be said as one "±".
_MOST_LOPSIDED = 2


def number(value: Any, digits: int = 4) -> str:
    """Write a number with `digits` significant digits; whole numbers below a million whole; text and booleans as is.

    None and NaN become an en dash. Scientific notation is used below 1e-4 and from 1e6 in size.
    """
    if isinstance(value, (int, float)):
        return _with_minus(_number(value, digits))
    return MISSING if value is None else str(value)


def _with_minus(text: str) -> str:
    return MINUS + text[1:] if text.startswith("-") else text


def _number(value: float, digits: int) -> str:
    if isinstance(value, float) and math.isnan(value):
        return MISSING
    if isinstance(value, bool):
        return "true" if value else "false"
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


def alike(values: Sequence[float], digits: int = 3) -> list[str]:
    """Write numbers that stand together in one form: with the decimals that give the largest one `digits` digits.

    Each as `number` does where they differ by more than that shows, or the largest is below 1e-4 or from 1e6 on.
    """
    sizes = [abs(value) for value in values if math.isfinite(value) and value]
    if not sizes or not 1e-4 <= max(sizes) < 1e6 or min(sizes) * 10 ** (digits - 1) < max(sizes):
        return [number(value, digits) for value in values]
    decimals = max(0, digits - 1 - _power_of_ten(max(sizes)))
    return [_with_minus(f"{value:.{decimals}f}") if math.isfinite(value) else number(value) for value in values]


def exact(value: Any) -> str:
    """Write a value in full, as exports and hovers do: the shortest text that reads back as the same number."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def signed(value: Any, digits: int = 4) -> str:
    """Write a difference with its sign: "+0.029", "−0.03", "0"."""
    text = number(value, digits)
    return f"+{text}" if text[0] in "123456789∞" or text.startswith("0.") else text


def precise(value: float | None, uncertainty: float | None) -> str:
    """Write a value to one digit beyond the first of its uncertainty: 0.57268 with 0.0071 is "0.5727".

    As `number` writes it where the uncertainty isn't known or is 0, and where either is too small or large for that.
    """
    if value is None or not math.isfinite(value):
        return number(value)
    if uncertainty is None or not math.isfinite(uncertainty) or not uncertainty > 0:
        return number(value)
    decimals = 1 - _power_of_ten(uncertainty)
    digits = _power_of_ten(value) + decimals + 1 if value else 1
    if digits < 1:
        return "0"
    if digits > _MOST_DIGITS:
        return number(value)
    if not 1e-4 <= uncertainty < 1e5 or abs(value) >= 1e6:
        return number(value, digits)
    text = f"{round(value, decimals):.{max(decimals, 0)}f}"
    return _with_minus(text) if float(text) else text.removeprefix("-")


def with_uncertainty(value: float | None, uncertainty: float | None) -> str:
    """Write a value beside its uncertainty, as precise as that allows: "0.5727 ± 0.007", "0.057 ± 0.019".

    The uncertainty has one significant digit, two where the first is a 1.
    """
    if uncertainty is None or not math.isfinite(uncertainty):
        return number(value)
    first_is_one = uncertainty > 0 and f"{uncertainty:e}".startswith("1")
    return f"{precise(value, uncertainty)} ± {number(uncertainty, 2 if first_is_one else 1)}"


def with_interval(value: float | None, low: float | None, high: float | None) -> str:
    """Write a value beside its 95% interval: "0.057 ± 0.019", or "0.063 [95%: 0.016 to 0.2]" where that is lopsided.

    Half of a lopsided interval may be as large as the value, which would say that it may be 0 where it can't.
    """
    if value is None or low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return number(value)
    near, far = sorted((value - low, high - value))
    reach = high / 2 - low / 2
    if near >= 0 and far <= _MOST_LOPSIDED * near and (reach < abs(value) or low <= 0 <= high):
        return with_uncertainty(value, reach)
    return f"{number(value, 2)} [95%: {number(low, 2)} to {number(high, 2)}]"


def _power_of_ten(value: float) -> int:
    return math.floor(math.log10(abs(value)))


def factor(value: float) -> str:
    """Write by how many times one value is another, with two significant digits: "1.6", "39", "9,000", "4.2e6"."""
    rounded = float(f"{value:.1e}")
    return f"{rounded:,.0f}" if 10 <= rounded < 1e6 else number(rounded, 2)


def count(value: int, one: str, many: str | None = None) -> str:
    """Write a count with its noun: "1 run", "480 runs", "10,000 runs"."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def coefficient(value: float | None) -> str:
    """Write a correlation with two decimals: "−0.30", "0.66"; an en dash where it isn't defined."""
    if value is None or not math.isfinite(value):
        return MISSING
    return _with_minus(f"{value:.2f}") if round(value, 2) else "0.00"


def percent(share: float | None) -> str:
    """Write a share of 0..1 as a percentage: whole from 10%, one decimal below; never 100% of less than all."""
    if share is None or not math.isfinite(share):
        return MISSING
    if 0 < share < 0.0005:
        return "< 0.1%"
    if 0.995 <= share < 1:
        return "> 99%"
    return f"{100 * share:.0f}%" if abs(share) >= 0.0995 else f"{100 * share:.1f}%"


def p_value(p: float | None) -> str:
    """Write a p-value with its sign, to two significant digits: "p < 0.001", "p = 0.0034", "p = 0.024", "p = 0.57"."""
    if p is None or not math.isfinite(p):
        return "p not defined"
    if p < 0.001:
        return "p < 0.001"
    rounded = float(f"{p:.1e}")
    return f"p = {rounded:.{max(2, 1 - _power_of_ten(rounded))}f}"


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
