"""The example apps, synthesized as the CDK CLI does."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

from ecs_events import ROOT
from needs import needs

EXAMPLES = ROOT / "examples"
CDK_CLI = ROOT / "test" / "e2e" / "cdk_cli" / "node_modules" / ".bin" / "cdk"
needs_cdk_cli = needs("the CDK CLI", "uv run npm ci --prefix test/e2e/cdk_cli", CDK_CLI.exists())


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
