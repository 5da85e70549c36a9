"""Imports MiniStack with the fixes in ``ministack_patches``.

Each patch is a commit for a pull request to MiniStack: see CONTRIBUTING.md. This module applies
them to MiniStack's source in memory, so it needs neither git nor a copy of the package.
"""

import re
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.metadata import version
from pathlib import Path
from types import CodeType, ModuleType

PATCHED_VERSION = "1.5.33"
PATCHES = sorted(Path(__file__).with_name("ministack_patches").glob("*.patch"))


class PatchError(RuntimeError):
    """The patches do not fit the installed MiniStack."""


def patched_sources() -> dict[str, str]:
    """Return the sources of the modules that the patches change, by module name.

    Raises:
        PatchError: If another version of MiniStack is installed, or if a patch does not apply.
    """
    installed = version("ministack")
    if installed != PATCHED_VERSION:
        raise PatchError(
            f"MiniStack {installed} is installed, but ministack_patches/ is for {PATCHED_VERSION}. "
            f"Install ministack=={PATCHED_VERSION}, or move the patches to {installed}: "
            'see "Move the embedded AWS to a newer version" in CONTRIBUTING.md.'
        )
    sources: dict[str, str] = {}
    for patch in PATCHES:
        for path, diff in _changed_modules(patch.read_text(encoding="utf-8")):
            name = path.removesuffix(".py").replace("/", ".")
            sources[name] = apply(diff, sources.get(name) or _source(name), f"{patch.name}: {path}")
    return sources


def apply(diff: str, source: str, where: str) -> str:
    """Return a module's source with the hunks of a diff.

    Args:
        diff: The hunks.
        source: The source, in which the old lines of each hunk occur once.
        where: The names of the patch and of the module, for the error message.

    Raises:
        PatchError: If a hunk does not apply.
    """
    for head, body in re.findall(r"^(@@ .*)\n((?:[ +-].*\n?)+)", diff, re.MULTILINE):
        lines = body.splitlines()
        old, new = (
            "".join(f"{line[1:]}\n" for line in lines if line[0] != sign) for sign in ("+", "-")
        )
        if source.count(old) != 1:
            raise PatchError(f"{where}: the lines of this hunk occur {source.count(old)}x: {head}")
        source = source.replace(old, new)
    return source


def install() -> None:
    """Make later imports of MiniStack use the patched sources."""
    sys.meta_path.insert(0, _PatchedFinder(patched_sources()))


def _changed_modules(patch: str) -> list[tuple[str, str]]:
    """Return path and diff of each module that a patch changes. Its tests are not installed."""
    return re.findall(
        r"^diff --git a/(ministack/\S+) .*\n([\s\S]*?)(?=^diff --git |\Z)", patch, re.MULTILINE
    )


def _source(name: str) -> str:
    spec = PathFinder.find_spec("ministack")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parents[1] / f"{name.replace('.', '/')}.py"
    return path.read_text(encoding="utf-8")


class _PatchedFinder(MetaPathFinder):
    def __init__(self, sources: dict[str, str]) -> None:
        self._sources = sources

    def find_spec(
        self, fullname: str, path: object = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self._sources:
            return None
        spec = PathFinder.find_spec(fullname, path)  # type: ignore[arg-type]
        if spec is not None and spec.origin is not None:
            spec.loader = _PatchedLoader(fullname, spec.origin, self._sources[fullname])
        return spec


class _PatchedLoader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, source: str) -> None:
        super().__init__(fullname, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self._source.encode(), self.path)
