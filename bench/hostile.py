"""Every hostile file in every format of the command line: status, seconds, peak memory, and what is wrong.

    python -m bench.hostile FOLDER          # files of .csv, .parquet, .yaml, as strangers send them

A YAML file is given as the sweep config of the bundled sample. Right is a report (status 0) or one sentence (status
2), without a traceback, within 20 seconds of CPU and 1.5 GB. The exit status is 1 where any isn't.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.tables import heading, row

ROOT = Path(__file__).resolve().parents[1]
MOST_SECONDS, MOST_MB = 20.0, 1500.0
COMMANDS = {
    "json": ["report", "--format", "json"],
    "markdown": ["report", "--format", "markdown"],
    "html": ["report", "--format", "html"],
    "next-sweep": ["next-sweep"],
    "fetch": ["fetch"],
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Try hostile files in every format.")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    heading("file", "format", "status", "CPU s", "wall s", "peak MB", "wrong")
    wrong = 0
    for path in sorted(p for p in given.folder.iterdir() if p.suffix in (".csv", ".parquet", ".yaml", ".yml")):
        for name, words in COMMANDS.items():
            wrong += tried(path.resolve(), name, words)
    print(f"{wrong} wrong" if wrong else "all right")
    return 1 if wrong else 0


def tried(path: Path, name: str, words: list[str]) -> bool:
    config = path.suffix in (".yaml", ".yml")
    command = [
        sys.executable,
        "-m",
        "lib",
        words[0],
        *(["sample", "--sweep-config", str(path)] if config else [str(path)]),
    ]
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as errors:
        command += [*words[1:], "--quiet", *(["--output", f"{folder}/out.parquet"] if name == "fetch" else [])]
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors)
        _, ended, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        errors.seek(0)
        said = errors.read().decode(errors="replace")
    process.returncode = status = os.waitstatus_to_exitcode(ended)
    cpu, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    faults = [
        *([f"status {status}"] if status not in (0, 2) else []),
        *(["a traceback"] if "Traceback" in said else []),
        *(["slow"] if cpu > MOST_SECONDS else []),
        *(["large"] if memory > MOST_MB else []),
        *(["no sentence"] if status == 2 and not 1 <= len(said.strip().splitlines()) <= 2 else []),
    ]
    row(path.name, name, status, cpu, wall, f"{memory:.0f}", ", ".join(faults))
    return bool(faults)


if __name__ == "__main__":
    raise SystemExit(main())
