"""Verifies the logger in your AWS account: ``uv run examples/verify_on_aws/run.py --help``.

It deploys a logger with a cluster, stops tasks, checks what arrives where, and prints a table. At
the end it deletes everything that it created.
"""

import signal
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def main() -> int:
    """Run the command, and return its exit code."""
    sys.path[:0] = [str(_ROOT), str(_ROOT / "examples" / "local")]
    for name in ("SIGHUP", "SIGTERM"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), lambda number, _: sys.exit(128 + number))
    try:
        from examples.verify_on_aws import cli

        return cli.main(sys.argv[1:])
    except KeyboardInterrupt:
        print("run.py: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
