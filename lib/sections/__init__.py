"""The sections of a report: one file each, and the one list of them that navigation, documents and tests read."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lib.results.report import Report
    from lib.sections.blocks import Blocks


@dataclass(frozen=True, slots=True)
class Section:
    """One section. Its module here is named by its address, and is loaded once the section is shown."""

    address: str
    """Where its page is: pages/ADDRESS.py."""
    title: str
    label: str
    """Its name in the navigation and in the browser's tab."""
    group: str | None = None
    """The menu of the navigation that it belongs to; None for the row itself."""

    @property
    def script(self) -> str:
        """Path of the page's script."""
        return f"pages/{self.address}.py"

    def build(self, report: Report) -> Blocks:
        """Return the section's blocks, to be walked."""
        built: Blocks = self._module().build(report)
        return built

    def why_empty(self, report: Report) -> str | None:
        """Say why the section has nothing to show for this report; None where it has something."""
        tell = getattr(self._module(), "why_empty", None)
        why: str | None = tell(report) if tell else None
        return why

    def _module(self) -> Any:
        return import_module(f"{__name__}.{self.address.replace('-', '_')}")


RUNS, STATISTICS = "More on the runs", "More on the statistics"
GROUPS = (RUNS, STATISTICS)

SECTIONS = (
    Section("summary", "Summary", "Summary"),
    Section("findings", "Findings and recommendations", "Findings"),
    Section("best-run", "Best run", "Best run"),
    Section("hyperparameter-impact", "Hyperparameter impact", "Impact"),
    Section("parallel-coordinates", "Parallel coordinates", "Parallel coordinates"),
    Section("top-runs", "Top runs", "Top runs", RUNS),
    Section("learning-curves", "Learning curves", "Learning curves", RUNS),
    Section("compare", "Compare sweeps", "Compare sweeps", RUNS),
    Section("cost", "Cost", "Cost and time", RUNS),
    Section("interactions", "Interactions", "Interactions", STATISTICS),
    Section("correlation", "Correlation", "Correlation", STATISTICS),
    Section("trade-off", "Trade-off", "Trade-off", STATISTICS),
    Section("data", "Data", "Data and ledger", STATISTICS),
)
BY_ADDRESS = {section.address: section for section in SECTIONS}
