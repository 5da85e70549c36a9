"""The example apps, synthesized as the CDK CLI would do it."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

from ecs_events import ROOT

EXAMPLES = ROOT / "examples"


def synthesize(name: str, outdir: Path) -> Path:
    """Run an app as its ``cdk.json`` says, and return the directory of what it made."""
    folder = EXAMPLES / name
    interpreter, *arguments = shlex.split(json.loads((folder / "cdk.json").read_text())["app"])
    assert interpreter == "python"
    subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "CDK_OUTDIR": str(outdir)},
        check=True,
    )
    return outdir
