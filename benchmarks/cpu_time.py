"""Times a statement as ``pyperf timeit`` does, but by CPU time: other processes do not count.

``cpu_time.py SETUP STATEMENT`` takes the options of pyperf.
"""

import time
from timeit import Timer

import pyperf

runner = pyperf.Runner(
    add_cmdline_args=lambda command, args: command.extend([args.setup, args.statement])
)
runner.argparser.add_argument("setup")
runner.argparser.add_argument("statement")
options = runner.parse_args()
runner.bench_time_func("cpu", Timer(options.statement, options.setup, time.process_time).timeit)
