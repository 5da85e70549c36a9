"""Metadata that depends on the release: the README's links and the project's URLs.

PyPI shows the README without the files that it links to, and with other anchors for its headings.
So a release links to the repository. The release workflow sets the repository's URL in
``PROJECT_URL``. Other builds keep the links as they are, and have no project URLs.
"""

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_RELATIVE = "(?!https?:)"
_IMAGE = re.compile(rf"(!\[[^]]*\]\(){_RELATIVE}")
_ANCHOR = re.compile(r"(\]\()#")
_LINK = re.compile(rf"(\]\(){_RELATIVE}")


class ReleaseMetadata(MetadataHookInterface):
    """Adds the README and, in a release, the project's URLs."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the fields that ``pyproject.toml`` declares as dynamic."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        if home := os.environ.get("PROJECT_URL"):
            tag = f"v{metadata['version']}"
            text = _ANCHOR.sub(r"\1README.md#", text)
            text = _IMAGE.sub(rf"\1{home}/raw/{tag}/", text)
            text = _LINK.sub(rf"\1{home}/blob/{tag}/", text)
            metadata["urls"] = {
                "Source": home,
                "Documentation": f"{home}/blob/{tag}/API.md",
                "Changelog": f"{home}/blob/{tag}/CHANGELOG.md",
                "Issues": f"{home}/issues",
            }
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
