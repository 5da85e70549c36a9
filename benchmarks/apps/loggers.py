"""An app with as many loggers as its argument says, or none. It prints the seconds they take.

With the argument ``shared``, only the first is a logger. The others are rules that feed it.
"""

import sys
import time

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs

from ecs_task_event_logger import EcsTaskEventLogger, EcsTaskEventRule

count, shared = int(sys.argv[1]), "shared" in sys.argv
started = time.perf_counter()
app = cdk.App()
stack = cdk.Stack(app, "Stack0")
log: EcsTaskEventLogger | None = None
for number in range(max(count, 1)):
    if number and number % 10 == 0 and not shared:  # a stack has at most 500 resources
        stack = cdk.Stack(app, f"Stack{number // 10}")
    cluster = ecs.Cluster.from_cluster_arn(
        stack, f"Cluster{number}", f"arn:aws:ecs:eu-west-1:111122223333:cluster/shop{number}"
    )
    if log and shared:
        EcsTaskEventRule(stack, f"Log{number}", logger=log, cluster=cluster)
    elif count:
        log = EcsTaskEventLogger(stack, f"Log{number}", cluster=cluster)
app.synth()
print(time.perf_counter() - started)
