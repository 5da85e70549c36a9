"""The example apps, synthesized as the CDK CLI does."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

from ecs_events import ROOT

EXAMPLES = ROOT / "examples"


def synthesize(name: str, outdir: Path) -> Path:
    """Run an app with the command in its ``cdk.json``, and return the assembly's directory."""
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
