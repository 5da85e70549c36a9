"""ECS events in the format that AWS documents, built for tests."""

import copy
import json
from pathlib import Path
from typing import Any

Event = dict[str, Any]

ROOT = Path(__file__).parent.parent
# Real events, if there is such a directory next to the repository.
SHARED = ROOT.parent / "shared"
STREAMS = [SHARED / "events" / f"stream-{name}.jsonl" for name in ("success", "process-exit")]
# The services in these recordings.
WEB, API = "testproj_web-1bb0086", "testproj_api-f9b8e2b"

ARN = "arn:aws:ecs:eu-west-1:111122223333"
CLUSTER = f"{ARN}:cluster/shop"
SERVICE = f"{ARN}:service/shop/web"
SERVICE_DEPLOYMENT = f"{ARN}:service-deployment/shop/web/0EYSiB0qap8xf0N76FsbE"
INSTANCE = f"{ARN}:container-instance/shop/2dd1b186f39845a584488d2ef155c131"
TASK = f"{ARN}:task/shop/0123456789abcdef0123456789abcdef"
DAEMON = f"{ARN}:daemon/shop/agent"
DAEMON_REVISION = f"{ARN}:daemon-revision/shop/agent/85707969-3732-4b6a-a37d-5cefddd7d7dd"
DAEMON_DEPLOYMENT = f"{ARN}:daemon-deployment/shop/agent/0EYSiB0qap8xf0N76FsbE"


def task_event(*containers: Event, **detail: Any) -> Event:
    """Return an event of a service's Fargate task. A detail that is None removes its key."""
    whole = {
        "attachments": [],
        "availabilityZone": "eu-west-1a",
        "clusterArn": CLUSTER,
        "connectivity": "CONNECTED",
        "containers": [
            {
                "containerArn": f"{ARN}:container/shop/{number}",
                "lastStatus": detail.get("lastStatus", "STOPPED"),
                "image": f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/{container['name']}:1",
                "taskArn": TASK,
                "networkInterfaces": [],
                "cpu": "0",
                **container,
            }
            for number, container in enumerate(containers or ({"name": "app"},))
        ],
        "cpu": "256",
        "createdAt": "2026-11-01T10:00:00.000Z",
        "desiredStatus": "STOPPED",
        "enableExecuteCommand": False,
        "group": "service:web",
        "lastStatus": "STOPPED",
        "launchType": "FARGATE",
        "memory": "512",
        "overrides": {"containerOverrides": [{"name": "app"}]},
        "platformVersion": "1.4.0",
        "startedBy": "ecs-svc/1234567890123456789",
        "taskArn": TASK,
        "taskDefinitionArn": f"{ARN}:task-definition/web:6",
        "updatedAt": _updated_at(detail),
        "version": 5,
        **detail,
    }
    return {
        "version": "0",
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "detail-type": "ECS Task State Change",
        "source": "aws.ecs",
        "account": "111122223333",
        "time": "2026-11-01T10:05:00Z",
        "region": "eu-west-1",
        "resources": [TASK],
        "detail": {key: value for key, value in whole.items() if value is not None},
    }


def _updated_at(detail: Event) -> Any:
    """Return the time of the change. A running task has just started."""
    if detail.get("lastStatus") == "RUNNING" and "startedAt" in detail:
        return detail["startedAt"]
    return "2026-11-01T10:05:00.000Z"


def other_event(detail_type: str, resource: str, **detail: Any) -> Event:
    """Return an event of another type than the task events."""
    event = task_event()
    return {**event, "detail-type": detail_type, "resources": [resource], "detail": detail}


# The optional keys of a service action.
LOOKED_UP: Event = {
    "reason": "because",
    "capacityProviderArns": [f"{ARN}:capacity-provider/FARGATE_SPOT"],
    "containerInstanceArns": [INSTANCE],
    "ec2InstanceIds": ["i-0abc"],
    "taskArns": [TASK],
    "taskSetArns": [f"{ARN}:task-set/shop/web/ecs-svc/1"],
    "targetGroupArns": ["arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/a"],
    "serviceRegistryArns": ["arn:aws:servicediscovery:eu-west-1:111122223333:service/srv-1"],
    "desiredCount": 0,
    "containerPort": 80,
}


def service_action(event_name: str, event_type: str | None = "INFO", **detail: Any) -> Event:
    return other_event(
        "ECS Service Action",
        SERVICE,
        eventType=event_type,
        eventName=event_name,
        clusterArn=CLUSTER,
        createdAt="2026-11-01T10:05:00.695Z",
        **detail,
    )


def deployment(event_name: str, reason: str, event_type: str = "INFO") -> Event:
    return other_event(
        "ECS Deployment State Change",
        SERVICE,
        eventType=event_type,
        eventName=event_name,
        clusterArn=CLUSTER,
        deploymentId="ecs-svc/2757582648257641111",
        updatedAt="2026-11-01T10:05:00.714Z",
        reason=reason,
    )


def hook(event_name: str, hook_type: str = "PAUSE", **detail: Any) -> Event:
    return other_event(
        "ECS Hook State Change",
        SERVICE_DEPLOYMENT,
        **{
            "eventType": "INFO",
            "eventName": event_name,
            "hookId": "ecs-pause-e7tK9G_WRJqNF",
            "hookType": hook_type,
            "expiresAt": "2026-11-01T10:15:00Z",
            "lifecycleStage": "POST_TEST_TRAFFIC_SHIFT",
            "clusterArn": CLUSTER,
            "serviceArn": SERVICE,
            "serviceDeploymentArn": SERVICE_DEPLOYMENT,
            "updatedAt": "2026-11-01T10:05:00.618059641Z",
            **detail,
        },
    )


def instance(status: Any, **detail: Any) -> Event:
    return other_event(
        "ECS Container Instance State Change",
        INSTANCE,
        **{
            "agentConnected": True,
            "attributes": [{"name": "ecs.os-type", "value": "linux"}],
            "clusterArn": CLUSTER,
            "containerInstanceArn": INSTANCE,
            "ec2InstanceId": "i-0abc",
            "registeredResources": [{"name": "CPU", "type": "INTEGER", "integerValue": 2048}],
            "remainingResources": [{"name": "CPU", "type": "INTEGER", "integerValue": 1988}],
            "status": status,
            "version": 14801,
            "versionInfo": {"agentVersion": "1.99.0"},
            "updatedAt": "2026-11-01T10:05:00.991Z",
            **detail,
        },
    )


def check(kind: str, status: str, reason: str | None = None) -> Event:
    return {
        "type": kind,
        "status": status,
        "lastStatusChange": "2026-11-01T10:04:53Z",
        "lastUpdated": "2026-11-01T10:04:09Z",
        "statusReason": reason,
    }


def health(overall: str, *checks: Any, **detail: Any) -> Event:
    return other_event(
        "ECS Container Instance Health Change",
        INSTANCE,
        **{
            "clusterArn": CLUSTER,
            "containerInstanceArn": INSTANCE,
            "capacityProviderName": None,
            "ec2InstanceId": "i-0abc",
            "overallStatus": overall,
            "healthChecks": list(checks),
            **detail,
        },
    )


def daemon_action(failure: str, **detail: Any) -> Event:
    return other_event(
        "ECS Daemon Service Action",
        TASK,
        **{
            "eventType": "WARNING",
            "eventName": "DAEMON_TASK_START_IMPAIRED",
            "clusterArn": CLUSTER,
            "containerInstanceArn": INSTANCE,
            "taskArn": TASK,
            "daemonRevisionArn": DAEMON_REVISION,
            "capacityProviderName": "fleet",
            "daemonArn": DAEMON,
            "daemonTaskDefinitionArn": f"{ARN}:daemon-task-definition/agent-td:1",
            "failureType": failure,
            "createdAt": "2026-11-01T10:05:00.000Z",
            "reason": "because",
            **detail,
        },
    )


def daemon_deployment(event_name: str, event_type: str = "INFO", **detail: Any) -> Event:
    return other_event(
        "ECS Daemon Deployment State Change",
        DAEMON,
        **{
            "eventType": event_type,
            "eventName": event_name,
            "clusterArn": CLUSTER,
            "daemonArn": DAEMON,
            "daemonDeploymentArn": DAEMON_DEPLOYMENT,
            "targetDaemonRevisionArn": DAEMON_REVISION,
            "updatedAt": "2026-11-01T10:05:00.618059641Z",
            **detail,
        },
    )


def call(
    *failures: Event, error: tuple[str, str] | None = None, started: int = 0, **detail: Any
) -> Event:
    """Return CloudTrail's event of a call of RunTask with failures, or with an error."""
    parameters = {
        "cluster": "shop",
        "taskDefinition": "nightly:4",
        "count": 1,
        "startedBy": "events-rule/nightly",
        "group": "family:nightly",
        **detail.pop("requestParameters", {}),
    }
    tasks: list[Event] = [{"taskArn": TASK}] * started
    answer = {"tasks": tasks, "failures": list(failures)}
    whole = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": "arn:aws:sts::111122223333:assumed-role/ecsEventsRole/nightly",
            "sessionContext": {"sessionIssuer": {"type": "Role", "userName": "ecsEventsRole"}},
            "invokedBy": "events.amazonaws.com",
        },
        "eventTime": "2026-11-01T10:05:00Z",
        "eventSource": "ecs.amazonaws.com",
        "eventName": "RunTask",
        "awsRegion": "eu-west-1",
        "requestParameters": {key: value for key, value in parameters.items() if value is not None},
        "responseElements": None if error else answer,
        "requestID": "6d4f7c2e-7d3e-4a4c-9d4b-2f1b8a6f4f10",
        "eventType": "AwsApiCall",
        "managementEvent": True,
        **detail,
    }
    if error:
        whole["errorCode"], whole["errorMessage"] = error
    event = other_event("AWS API Call via CloudTrail", "", **whole)
    return {**event, "resources": []}


def not_placed(reason: str, detail: str | None = None) -> Event:
    """Return a failure in the answer of RunTask."""
    failure = {"arn": INSTANCE, "reason": reason}
    return failure if detail is None else {**failure, "detail": detail}


EVERY_TYPE = [
    service_action("SERVICE_STEADY_STATE"),
    deployment("SERVICE_DEPLOYMENT_COMPLETED", "ECS deployment ecs-svc/1 completed."),
    hook("HOOK_AWAITING_ACTION"),
    instance("ACTIVE"),
    health("OK", check("CONTAINER_RUNTIME", "OK")),
    daemon_action("TASK_FAILED_TO_RUN"),
    daemon_deployment("DAEMON_DEPLOYMENT_PENDING"),
]


def shared_events() -> list[Event]:
    """Return the real events from next to the repository, if there are any."""
    events: list[Event] = []
    for path in sorted((SHARED / "events").glob("*.json*")):
        text = path.read_text()
        documents = text.splitlines() if path.suffix == ".jsonl" else [text]
        events += [json.loads(document) for document in documents]
    return events


def stream_events() -> list[Event]:
    """Return the real events of two deployments, in the order of arrival."""
    return [json.loads(line) for path in STREAMS for line in path.read_text().splitlines()]


def without(event: Event, *keys: str) -> Event:
    """Return a copy of an event without some keys of its detail."""
    event = copy.deepcopy(event)
    for key in keys:
        del event["detail"][key]
    return event
