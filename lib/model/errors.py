"""The errors that a reader can meet: each message says what is wrong, where, and what to do."""


class SweepReportError(Exception):
    """Base of the errors shown to a reader as one or two sentences; never as a traceback."""

    exit_status = 2


class InputError(SweepReportError):
    """The request is wrong, or the input can't be used."""


class SourceUnavailable(SweepReportError):
    """W&B refused, or can't be reached."""

    exit_status = 3
