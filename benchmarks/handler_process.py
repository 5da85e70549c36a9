"""Handlers in a process of their own, with nothing of Lambda around them: run by other modules.

``handler_process.py EVENTS PASSES DIRECTORY HANDLER …`` has each handler handle the events of a
file of JSON lines so many times over, in turns, and says on standard error how many seconds of CPU
time each pass of each took. Without any passes the handlers are not even imported.
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path

# What the runtime client has imported, and how it has lines printed: each write is flushed.
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
