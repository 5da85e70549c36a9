"""Runs the library's whole loop on this machine: ``uv run examples/local/run.py --help``.

ECS events go in; an EventBridge rule, a Lambda function and a CloudWatch log group, deployed from a
CDK app to an embedded AWS, do their work; the lines in the log group come out on standard output.
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
    # Ctrl-C is for this process, which ends the others in order: Node.js, which CDK runs on and
    # starts without asking, would otherwise die of it and leave its files behind.
    subprocess.Popen = _DetachedProcess  # type: ignore[misc]
    for ending in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    try:
        # Imported here, so that Ctrl-C is met with composure from the first moment on.
        import cli

        return cli.main(sys.argv[1:])
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("run.py: interrupted, and the emulator is gone", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
