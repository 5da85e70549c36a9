"""What only a release knows of itself: where its sources are.

PyPI has no files beside the README that it shows, so links to them must lead to the repository.
The release workflow says where that is, in ``PROJECT_URL``. Elsewhere links stay as they are, and
there are no project URLs.
"""

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_RELATIVE = "(?!#|https?:)"
_IMAGE = re.compile(rf"(!\[[^]]*\]\(){_RELATIVE}")
_LINK = re.compile(rf"(\]\(){_RELATIVE}")


class ReleaseMetadata(MetadataHookInterface):
    """Adds the README, and at a release the project's URLs."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set what ``pyproject.toml`` calls dynamic."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        if home := os.environ.get("PROJECT_URL"):
            tag = f"v{metadata['version']}"
            text = _IMAGE.sub(rf"\1{home}/raw/{tag}/", text)
            text = _LINK.sub(rf"\1{home}/blob/{tag}/", text)
            metadata["urls"] = {
                "Source": home,
                "Documentation": f"{home}/blob/{tag}/API.md",
                "Changelog": f"{home}/blob/{tag}/CHANGELOG.md",
                "Issues": f"{home}/issues",
            }
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
