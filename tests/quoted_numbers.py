"""Which numbers a sentence quotes, and whether they are roundings of its evidence."""

import re

NUMBER = re.compile(r"(?<![\w.])[-−]?\d(?:[\d,]*\d)?(?:\.\d+)?(?:e-?\d+)?%?(?![\w])")
P_BOUND = "0.001"


def unfounded(text, evidence, *names):
    """Return the numbers in the text that no piece of evidence rounds to, at the digits that they are written with.

    Digits in names (text in the evidence, and `names`) aren't numbers quoted. Counts must be equal.
    """
    values = [one for value in evidence.values() for one in (value if isinstance(value, list) else [value])]
    texts = [value for value in values if isinstance(value, str)] + list(names)
    for name in sorted(texts, key=len, reverse=True):
        text = text.replace(name, " ")
    numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
    numbers += [float(found) for name in texts for found in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w])", name)]
    return [quoted for quoted in NUMBER.findall(text) if not any(_rounds_to(value, quoted) for value in numbers)]


def _rounds_to(value, quoted):
    bare = quoted.replace(",", "").replace("−", "-")
    if bare.endswith("%"):
        bare, value = bare[:-1], 100 * value
    if bare == P_BOUND and value < 0.001:
        return True
    if "%" in quoted and bare == "99" and 99.5 <= value < 100:
        return True
    if "%" in quoted and bare == "0.1" and 0 < value < 0.05:
        return True
    mantissa, _, exponent = bare.partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    # Zeros at the end of a whole number may be rounded ones: 12300 ± 4000.
    if "." not in mantissa and not exponent and isinstance(value, float):
        decimals = -(len(mantissa) - len(mantissa.rstrip("0"))) if float(mantissa) else 0
    if isinstance(value, int) and "%" not in quoted and not exponent:
        return float(bare) == value
    return abs(float(bare) - value) <= 0.5 * 10.0**-decimals * (1 + 1e-9) + 1e-12 * abs(value)
