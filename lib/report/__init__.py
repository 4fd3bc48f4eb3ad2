"""The one door to a report: built from sources by `build_report`, with `to_dict` for the JSON."""

from lib.report.build import Report, build_report, from_dataframe, report_of

__all__ = ["Report", "build_report", "from_dataframe", "report_of"]
