"""Runs the handler on whatever Python this is: DIRECTORY EVENTS, the events as JSON lines.

As in Lambda there is nothing to import from but the asset's directory and the standard library.
"""

import json
import sys
from pathlib import Path

directory, events = sys.argv[1:]
sys.path.insert(0, directory)

from task_events.main import handler  # noqa: E402

print(sys.version.split()[0])
for line in Path(events).read_text(encoding="utf-8").split("\n")[:-1]:
    handler(json.loads(line))
