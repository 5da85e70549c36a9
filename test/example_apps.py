"""The example apps, synthesized as the CDK CLI does."""

import json
import runpy
import shlex
from functools import partial
from pathlib import Path

import aws_cdk as cdk
import pytest

from ecs_events import ROOT
from needs import needs

EXAMPLES = ROOT / "examples"
CDK_CLI = ROOT / "test" / "e2e" / "cdk_cli" / "node_modules" / ".bin" / "cdk"
needs_cdk_cli = needs("the CDK CLI", "uv run npm ci --prefix test/e2e/cdk_cli", CDK_CLI.exists())


def synthesize(name: str, outdir: Path) -> Path:
    """Run an app with the command in its ``cdk.json``, and return the assembly's directory.

    It runs in this process, which has loaded CDK already.
    """
    folder = EXAMPLES / name
    command = json.loads((folder / "cdk.json").read_text())["app"]
    interpreter, file = shlex.split(command)
    assert interpreter == "python"
    with pytest.MonkeyPatch.context() as patch:
        # Node.js is running already, so it would not see CDK_OUTDIR.
        patch.setattr(cdk, "App", partial(cdk.App, outdir=str(outdir)))
        patch.syspath_prepend(folder)
        runpy.run_path(str(folder / file), run_name="__main__")
    return outdir
