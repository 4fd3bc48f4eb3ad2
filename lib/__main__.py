"""The command line: `python -m lib report | fetch | next-sweep | app SOURCE... [options]`, and `check SWEEP.yaml`.

An installed wheel has it as `sweep-report`. Over 300 lines: each command with the options that it takes.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from lib import __version__
from lib.allocator import set_allocator
from lib.installed import APP, PROGRAM
from lib.model.errors import InputError, SweepReportError
from lib.model.numbers import count
from lib.model.text import shortened, without_controls
from lib.output import drop_output, folder_beside, output_path, write, write_beside
from lib.sources.registry import forms

if TYPE_CHECKING:
    from lib.model.choices import Choices
    from lib.model.sweep import Sweep
    from lib.report import Report

_LARGEST_PORT = 65_535
_LESS = "Give fewer runs or columns, or run it on a larger machine."
FORMATS = ("markdown", "html", "json", "pdf", "brief", "latex")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0 done, 2 the request or input is wrong, 3 W&B can't be had."""
    if not sys.warnoptions:
        # Numbers near the ends of what floats hold make libraries warn; the report has None there, and says so.
        warnings.simplefilter("ignore")
    # A command ends before memory could be missed: more is kept, and circles of dead objects are looked for less often.
    set_allocator(large=4_000_000)
    gc.set_threshold(50_000)
    try:
        options = _parser().parse_args(arguments)
        return int(options.command(options))
    except SweepReportError as error:
        # Names from the data are in it, and a terminal obeys control characters.
        print(f"sweep report: {without_controls(str(error))}", file=sys.stderr)
        return error.exit_status
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): that is no error of the report.
        drop_output()
        return 0
    except MemoryError:
        print(f"sweep report: there is not enough memory for this. {_LESS}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("sweep report: stopped; nothing was written.", file=sys.stderr)
        return 130


def _report(options: argparse.Namespace) -> int:
    output = output_path(options.output, _inputs(options))
    report = _built(options)
    if options.format == "json":
        from lib.render.json_text import json_text

        text = json_text(report.to_dict())
    elif options.format == "html":
        from lib.render.html import report_as_html

        text = report_as_html(report)
    elif options.format == "brief":
        from lib.render.brief import brief_of

        text = brief_of(report.to_dict())
    elif options.format == "latex" and output is not None:
        from lib.render.paper import paper_with_figures

        text, figures = paper_with_figures(report, report.to_dict(), folder_beside(output, "figures"))
        write_beside(figures, output)
    elif options.format == "latex":
        from lib.render.latex import latex_of

        text = latex_of(report.to_dict())
    elif options.format == "pdf":
        return _pdf(report, output)
    elif output is None:
        from lib.render.markdown import report_as_markdown

        text = report_as_markdown(report)
    else:
        from lib.render.archive import markdown_with_pictures

        text, pictures = markdown_with_pictures(report, folder_beside(output, "files"))
        write_beside(pictures, output)
    write(text, output)
    return 0


def _inputs(options: argparse.Namespace) -> list[str]:
    sources = options.source if isinstance(options.source, list) else [options.source]
    return [*sources, *filter(None, (options.sweep_config,))]


def _pdf(report: Report, output: Path | None) -> int:
    from lib.render.pdf import report_as_pdf

    if output is None:
        raise InputError("A PDF is no text for the terminal: name a file with --output.")
    write(report_as_pdf(report), output)
    return 0


def _fetch(options: argparse.Namespace) -> int:
    from lib.sources.snapshot.file import write_snapshot

    output = output_path(options.output, _inputs(options))
    sweep = _opened([options.source], _choices(options), options)
    write_snapshot(sweep, output or Path(options.output))
    if not options.quiet:
        label = without_controls(sweep.origin.label)
        print(f"{len(sweep):,} runs of {label} written to {options.output}", file=sys.stderr)
    return 0


def _next_sweep(options: argparse.Namespace) -> int:
    report = _built(options)
    if options.replicate:
        repeats = report.replication
        if repeats is None:
            raise InputError(
                "There is nothing to repeat: no usable run, or no hyperparameter that was searched. "
                "Include more states with --states, or name the searched ones with --parameters."
            )
        write(repeats.to_yaml(), None)
        return 0
    recommended = report.next_sweep
    if recommended is None:
        raise InputError(
            f"These {report.population.ledger.used} usable runs say too little to recommend a next sweep. "
            "Run more of this one, or include more states with --states."
        )
    write(recommended.to_yaml(), None)
    return 0


def _check(options: argparse.Namespace) -> int:
    from lib.report.request import config_text
    from lib.sources.config_check import check_config, line_of

    issues = check_config(config_text(options.config), options.config)
    lines = "".join(f"{line_of(issue, options.config)}\n" for issue in issues)
    write(lines or f"{options.config}: nothing to fix.\n", None)
    errors = sum(issue.severity == "error" for issue in issues)
    if errors:
        raise InputError(
            f"{options.config} has {count(errors, 'error')}, so W&B refuses it or leaves out what is meant. "
            "Fix what is marked as an error above."
        )
    return 0


def _app(options: argparse.Namespace) -> int:
    command = [sys.executable, "-m", "streamlit", "run", str(APP), f"--server.address={options.address}"]
    command += [f"--server.port={options.port}"] if options.port else []
    command += ["--server.headless=true"] if options.no_browser else []
    config = ["--sweep-config", options.sweep_config] if options.sweep_config else []
    command += ["--", *options.source, *config]
    if os.name == "posix":
        # The app takes this process's place: what stops it stops the app.
        os.execv(sys.executable, command)
    return subprocess.call(command)


def _built(options: argparse.Namespace) -> Report:
    from lib.report import report_of

    choices = _choices(options)
    return report_of(_opened(options.source, choices, options), choices)


def _opened(sources: Sequence[str], choices: Choices, options: argparse.Namespace) -> Sweep:
    from lib.report.open import open_sweep
    from lib.report.own_reading import OwnReading
    from lib.report.request import request_of
    from lib.sources.progress import progress_line
    from lib.sources.wandb.session import WAIT

    with progress_line(options.quiet, WAIT) as progress:
        request = request_of(sources, options.sweep_config)
        return open_sweep(request, choices, OwnReading(progress), histories=options.histories)


def _choices(options: argparse.Namespace) -> Choices:
    from lib.report.request import choices_of

    return choices_of(
        metric=options.metric,
        goal=options.goal,
        parameters=_names("parameters", options.parameters),
        value=options.value,
        states=_names("states", options.states),
        top=options.top,
        derive=options.derive,
        seeds=_names("seeds", options.seeds),
        scales=_names("scales", options.scales),
        columns=_names("columns", options.columns),
    )


def _names(option: str, text: str | None) -> list[str] | None:
    names = None if text is None else [name.strip() for name in text.split(",") if name.strip()]
    if names == []:
        # A script's empty variable isn't to be taken for the default.
        raise InputError(f"--{option} names nothing. Name some, parted by commas, or leave it out.")
    return names


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < int(text[:9]) <= _LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"{shortened(text)} is no port: give a number from 1 to {_LARGEST_PORT}")
    return int(text)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message[0].upper()}{message[1:]}. Try: {PROGRAM} --help")


def _parser() -> argparse.ArgumentParser:
    source = forms(files=True)
    parser = _Parser(prog=PROGRAM, description="Report on a W&B hyperparameter sweep without a browser.")
    parser.add_argument("--version", action="version", version=f"Sweep Report {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=_Parser)
    report = commands.add_parser("report", help="write the report as Markdown, HTML, JSON or PDF")
    report.add_argument("source", nargs="+", metavar="SOURCE", help=source)
    report.add_argument("--format", choices=FORMATS, default="markdown", help="default: markdown")
    report.add_argument("--output", metavar="PATH", help="the file to write; default: standard output")
    report.set_defaults(command=_report)
    fetch = commands.add_parser("fetch", help="write a snapshot, which opens later with no account and no network")
    fetch.add_argument("source", metavar="SOURCE", help=source)
    fetch.add_argument("--output", required=True, metavar="FILE.parquet", help="the snapshot to write")
    fetch.set_defaults(command=_fetch)
    following = commands.add_parser("next-sweep", help="write the recommended next sweep as W&B sweep YAML")
    following.add_argument("source", nargs="+", metavar="SOURCE", help=source)
    following.add_argument(
        "--replicate", action="store_true", help="write the repeats that settle which configuration is best instead"
    )
    following.set_defaults(command=_next_sweep)
    check = commands.add_parser("check", help="say what is wrong or unwise in a W&B sweep config")
    check.add_argument("config", metavar="SWEEP.yaml", help="a W&B sweep config")
    check.set_defaults(command=_check)
    app = commands.add_parser("app", help="open the app in the browser")
    app.add_argument("source", nargs="*", metavar="SOURCE", help=f"{source}; default: sample")
    app.add_argument("--sweep-config", metavar="FILE.yaml", help="a W&B sweep config: objective and ranges")
    app.add_argument("--address", default="127.0.0.1", help="who is answered; default: 127.0.0.1, this machine alone")
    app.add_argument("--port", type=_port, metavar="N", help="the port; default: 8501 or the next free one")
    app.add_argument("--no-browser", action="store_true", help="open no browser")
    app.set_defaults(command=_app)
    for command in (report, fetch, following):
        command.add_argument("--sweep-config", metavar="FILE.yaml", help="a W&B sweep config: objective and ranges")
        command.add_argument("--metric", metavar="NAME", help="the objective")
        command.add_argument("--goal", help="maximize or minimize")
        command.add_argument("--parameters", metavar="A,B,...", help="the searched parameters")
        command.add_argument(
            "--value",
            default="last",
            metavar="RULE",
            help="which value of the objective counts: last (default), best, mean:K (mean of the last K logged), or "
            "step:N (the last logged at or before step N)",
        )
        command.add_argument(
            "--derive",
            action="append",
            metavar="NAME=EXPR",
            help="a column made from others, like lr=base_lr*multiplier; may be given several times",
        )
        command.add_argument(
            "--seeds", metavar="A,B,...", help="config keys that repeats of one configuration may differ in"
        )
        command.add_argument(
            "--scales", metavar="A:log,B:linear,...", help="the scale of numeric parameters, where it isn't as searched"
        )
        command.add_argument(
            "--columns",
            metavar="A:WORD,B:WORD,...",
            help="what columns are that were read otherwise: setting, result or unused; continuous, integer, discrete "
            "or categorical; maximize or minimize",
        )
        command.add_argument(
            "--histories",
            action="store_true",
            help="ask W&B for what each run logged step by step too: learning curves",
        )
        command.add_argument("--states", metavar="finished,...", help="run states to use; default: finished")
        command.add_argument("--top", type=int, default=10, metavar="N", help="how many top runs; default: 10")
        command.add_argument("--quiet", action="store_true", help="no progress on standard error")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
