"""Run the handler on this Python: run_handler.py DIRECTORY EVENTS, with events as JSON lines.

As in Lambda, only the asset and the standard library can be imported.
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
