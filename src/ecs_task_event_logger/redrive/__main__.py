"""Run the command: ``python -m ecs_task_event_logger.redrive``."""

import sys

from . import main

sys.exit(main())
