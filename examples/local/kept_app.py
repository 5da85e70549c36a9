"""Synthesizes the app, unless an earlier run did so for the same code and arguments."""

import gc
import shutil
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp

_HERE = Path(__file__).parent
_KEPT = _HERE / "cdk.out"
_SOURCES = (_HERE / "app.py", *sorted((_HERE.parents[1] / "src").rglob("*.py")))

# Of the stack in app.py, which is imported only to synthesize it.
STACK_NAME = "TaskEvents"


def assembly(
    cluster_arns: Sequence[str],
    statuses: Sequence[str] | None,
    container_log_groups: Sequence[str] | None,
    scratch: str,
) -> Path:
    """Return the directory of the synthesized app.

    Args:
        cluster_arns: The clusters to log.
        statuses: The task statuses to log, or None for all.
        container_log_groups: The log groups of the containers, or None to read none.
        scratch: A temporary directory to synthesize in.
    """
    arguments = (cluster_arns, statuses, container_log_groups)
    kept = _KEPT / _fingerprint(arguments)
    if not kept.is_dir():
        gc.disable()  # it would search CDK's modules again and again
        # CDK takes seconds to load.
        from app import synthesize

        synthesize(STACK_NAME, *arguments, scratch)
        gc.enable()
    with suppress(OSError):  # the checkout is read-only, or another run was faster
        _keep(scratch, kept)
    return kept if kept.is_dir() else Path(scratch)


def _fingerprint(arguments: object) -> str:
    """Return a hash of the code and its arguments."""
    fingerprint = sha256(f"{version('aws-cdk-lib')} {arguments!r}".encode())
    for source in _SOURCES:
        fingerprint.update(source.read_bytes())
    return fingerprint.hexdigest()[:16]


def _keep(scratch: str, kept: Path) -> None:
    """Copy the app to where later runs find it, and remove those used longest ago."""
    if kept.is_dir():
        kept.touch()
        return
    kept.parent.mkdir(exist_ok=True)
    for old in sorted(kept.parent.iterdir(), key=lambda each: each.stat().st_mtime)[:-9]:
        shutil.rmtree(old, ignore_errors=True)
    unfinished = Path(mkdtemp(dir=kept.parent))
    shutil.copytree(scratch, unfinished, dirs_exist_ok=True)
    unfinished.rename(kept)
