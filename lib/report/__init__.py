"""The report: built from sources by `build_report`, and written as JSON, Markdown or HTML."""

from lib.results.report import Report, build_report, report_of

__all__ = ["Report", "build_report", "report_of"]
