"""Runs handlers in a process without Lambda. Other modules start it.

``handler_process.py EVENTS PASSES DIRECTORY HANDLER …`` passes all events in a file of JSON lines
to each handler in turn, and repeats that. It prints the seconds of CPU time of each pass of each
handler to standard error. With zero passes, it does not even import the handlers.
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path

# As in the runtime client, which has these modules loaded and flushes each write.
from awslambdaric.bootstrap import Unbuffered

events_file, passes_given, *functions = sys.argv[1:]
passes = int(passes_given)
events = [json.loads(line) for line in Path(events_file).read_text().splitlines()]
sys.stdout = Unbuffered(sys.stdout)
sys.dont_write_bytecode = True
handlers = []
if passes:
    for directory, path in zip(functions[::2], functions[1::2], strict=True):
        sys.path.insert(0, directory)
        module, dot, name = path.rpartition(".")
        handlers.append(getattr(import_module(module), name))
seconds: list[list[float]] = [[] for _ in handlers]
for _ in range(passes):
    for handler, series in zip(handlers, seconds, strict=True):
        started = time.process_time()
        for event in events:
            handler(event, None)
        series.append(time.process_time() - started)
json.dump(seconds, sys.stderr)
