"""The findings put under the headings of the report, in the order in which a reader acts on them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lib.analysis.findings import Finding
    from lib.results.report import Report

_REGULARISATION = re.compile(
    r"(^|[._/-])(dropout|weight_?decay|wd|l1|l2|reg|regulari[sz]\w*|decay|label_smoothing|augment\w*)([._/-]|$)", re.I
)


def findings_by_section(report: Report) -> list[tuple[str, list[Finding]]]:
    """Return (heading, findings) pairs; a heading without findings is left out."""
    kinds = {p.name: p for p in report.population.searched}

    def heading(finding: Finding) -> str:
        if finding.kind in ("best", "tie"):
            return "Best performance"
        if finding.kind in ("data_quality", "goal_inferred", "sampler_bias", "budget"):
            return "What the data allow"
        if finding.kind == "interaction":
            return "Hyperparameters that act together"
        parameter = kinds.get(finding.parameter or "")
        if parameter is not None and _REGULARISATION.search(parameter.name):
            return "Regularisation"
        return (
            "Discrete hyperparameters" if parameter is not None and parameter.grouped else "Continuous hyperparameters"
        )

    order = (
        "Best performance",
        "Discrete hyperparameters",
        "Continuous hyperparameters",
        "Regularisation",
        "Hyperparameters that act together",
        "What the data allow",
    )
    found: dict[str, list[Finding]] = {name: [] for name in order}
    for finding in report.findings:
        found[heading(finding)].append(finding)
    return [(name, items) for name, items in found.items() if items]
