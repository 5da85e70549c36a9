"""Runs a logger on this machine: ``uv run examples/local/run.py --help``.

It deploys a CDK app with a rule, a function and a log group to an embedded AWS. Then it sends ECS
events, and prints the lines in the log group.
"""

import signal
import subprocess
import sys
from typing import Any


class _DetachedProcess(subprocess.Popen[Any]):
    """A child process that Ctrl-C in the terminal does not reach."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "start_new_session": True})


def main() -> int:
    """Run the command, and return its exit code."""
    # Only this process gets Ctrl-C, and it ends the others in order. Node.js, which CDK starts,
    # would otherwise end at once and leave its files behind.
    subprocess.Popen = _DetachedProcess  # type: ignore[misc]
    for ending in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    try:
        # Imported here, so that Ctrl-C during the import is handled too.
        import cli

        return cli.main(sys.argv[1:])
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("run.py: interrupted, and the emulator has ended", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
