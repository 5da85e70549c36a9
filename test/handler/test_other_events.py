"""The records of events that are not about tasks, in the shapes that AWS documents.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
"""

from typing import Any

import pytest

from ecs_events import (
    ARN,
    DAEMON_REVISION,
    EVERY_TYPE,
    INSTANCE,
    LOOKED_UP,
    SERVICE,
    SERVICE_DEPLOYMENT,
    Event,
    check,
    daemon_action,
    daemon_deployment,
    deployment,
    health,
    hook,
    instance,
    other_event,
    service_action,
    shared_events,
    without,
)
from ecs_task_event_logger.handler.task_events.record import make_record
from ecs_task_event_logger.handler.task_events.serialize import to_line

HEAD = ["timestamp", "level", "message", "detailType", "eventId", "account", "region", "cluster"]

READ = (
    *("eventName", "eventType", "clusterArn", "reason", "createdAt", "updatedAt", "deploymentId"),
    *("hookId", "hookType", "lifecycleStage", "expiresAt", "serviceDeploymentArn"),
    *("status", "agentConnected", "containerInstanceArn", "ec2InstanceId", "version"),
    *("overallStatus", "healthChecks", "capacityProviderName", "failureType", "taskArn"),
    *("daemonArn", "daemonRevisionArn", "daemonTaskDefinitionArn", "daemonDeploymentArn"),
)


every_type = pytest.mark.parametrize("event", EVERY_TYPE, ids=lambda event: event["detail-type"])


def test_unknown_event_type_is_logged_whole() -> None:
    event = other_event("ECS Something New", SERVICE, eventName="NEW", other={"a": 1})
    record = make_record(event)
    assert record["level"] == "WARN"
    assert record["detailType"] == "ECS Something New"
    assert record["cluster"] == "shop"
    assert record["unparsed"] == event
    for part in ("ECS Something New", "NEW", "web"):
        assert part in record["message"]


class TestEveryType:
    @every_type
    def test_record_starts_like_the_record_of_a_task(self, event: Event) -> None:
        record = make_record(event)
        assert list(record)[: len(HEAD)] == HEAD
        assert record["cluster"] == "shop"
        assert record["detailType"] == event["detail-type"]
        assert "unparsed" not in record

    @every_type
    def test_finds_the_cluster_without_a_cluster_arn(self, event: Event) -> None:
        record = make_record(without(event, "clusterArn"))
        assert list(record)[: len(HEAD)] == HEAD
        assert record["cluster"] == "shop"

    @every_type
    def test_copies_no_nested_objects(self, event: Event) -> None:
        record = make_record(event)
        assert not [key for key, value in record.items() if type(value) is dict]
        assert {key for key, value in record.items() if type(value) is list} <= {"healthChecks"}

    @every_type
    def test_masks_credentials_in_texts(self, event: Event) -> None:
        secret = "https://me:hunter2@registry.example.com/"
        checks = [check("DAEMON", "IMPAIRED", secret)]
        detail = {"reason": secret, "statusReason": secret, "healthChecks": checks}
        assert "hunter2" not in to_line(
            make_record({**event, "detail": {**event["detail"], **detail}})
        )

    @every_type
    @pytest.mark.parametrize("strange", [5, ["x", 1], {"a": 1}, [], None])
    def test_unexpected_types_do_not_cost_the_line(self, event: Event, strange: Any) -> None:
        for key in event["detail"]:
            record = make_record({**event, "detail": {**event["detail"], key: strange}})
            assert record["eventId"] == event["id"]
            assert record["message"]
            assert record["detailType"]
            if strange == {"a": 1} and key in READ:
                assert record["unparsed"]["detail"][key] == strange

    @every_type
    def test_cluster_arn_of_another_type_is_logged_whole(self, event: Event) -> None:
        event = {**event, "detail": {**event["detail"], "clusterArn": {"a": 1}}}
        record = make_record(event)
        assert record["unparsed"] == event
        assert record["level"] != "INFO"

    @every_type
    def test_empty_detail_is_logged_whole(self, event: Event) -> None:
        event = {**event, "detail": {}}
        record = make_record(event)
        assert record["unparsed"] == event
        assert record["message"]

    @every_type
    def test_full_record_has_the_detail(self, event: Event) -> None:
        assert make_record(event, full=True)["detail"].keys() == event["detail"].keys()


NAMED = [
    pytest.param(event, id=event["detail-type"])
    for event in (
        service_action("SOMETHING_NEW"),
        deployment("SOMETHING_NEW", "because"),
        hook("SOMETHING_NEW"),
        daemon_action("SOMETHING_NEW", eventName="SOMETHING_NEW"),
        daemon_deployment("SOMETHING_NEW", reason="because"),
    )
]


class TestEventNames:
    @pytest.mark.parametrize("event", NAMED)
    @pytest.mark.parametrize(
        ("event_type", "level"),
        [
            ("INFO", "INFO"),
            ("WARN", "WARN"),
            ("WARNING", "WARN"),
            ("ERROR", "ERROR"),
            (None, "INFO"),
        ],
    )
    def test_unknown_event_name_is_reported_at_ecs_severity(
        self, event: Event, event_type: str | None, level: str
    ) -> None:
        event = {**event, "detail": {**event["detail"], "eventType": event_type}}
        record = make_record(event)
        assert "reports SOMETHING_NEW" in record["message"]
        assert record["level"] == level
        assert record["eventName"] == "SOMETHING_NEW"
        assert "unparsed" not in record

    @pytest.mark.parametrize("event", NAMED)
    @pytest.mark.parametrize("event_type", ["CRITICAL", "", 5, ["ERROR"], {"a": 1}])
    def test_unknown_severity_is_logged_whole(self, event: Event, event_type: Any) -> None:
        event = {**event, "detail": {**event["detail"], "eventType": event_type}}
        record = make_record(event)
        assert record["unparsed"] == event
        assert record["level"] == "WARN"
        assert "reports SOMETHING_NEW" in record["message"]

    @pytest.mark.parametrize("event", NAMED)
    @pytest.mark.parametrize("event_name", [None, "", 5, ["A", "B"], {"a": 1}])
    def test_missing_event_name_is_logged_whole(self, event: Event, event_name: Any) -> None:
        event = {**event, "detail": {**event["detail"], "eventName": event_name}}
        record = make_record(event)
        assert record["unparsed"] == event
        assert record["message"] == "This event could not be parsed: see unparsed"
        assert record.get("reason") == event["detail"].get("reason")


# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
SERVICE_ACTIONS = [
    ("SERVICE_STEADY_STATE", "INFO", "INFO", "has reached a steady state"),
    ("TASKSET_STEADY_STATE", "INFO", "INFO", "has a task set that reached a steady state"),
    ("CAPACITY_PROVIDER_STEADY_STATE", "INFO", "INFO", "has capacity providers that reached"),
    ("SERVICE_DESIRED_COUNT_UPDATED", "INFO", "INFO", "has a new desired count of tasks"),
    ("TASKS_STOPPED", "INFO", "INFO", "has stopped tasks"),
    ("SERVICE_DEPLOYMENT_IN_PROGRESS", "INFO", "INFO", "is being deployed"),
    ("SERVICE_DEPLOYMENT_COMPLETED", "INFO", "INFO", "has been deployed"),
    ("SERVICE_TASK_START_IMPAIRED", "WARN", "ERROR", "repeatedly fails to start its tasks"),
    ("SERVICE_DISCOVERY_INSTANCE_UNHEALTHY", "WARN", "WARN", "has an unhealthy task in service"),
    ("VPC_LATTICE_TARGET_UNHEALTHY", "WARN", "WARN", "has an unhealthy target in VPC Lattice"),
    ("SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED", "ERROR", "ERROR", "has a daemon task that"),
    ("ECS_OPERATION_THROTTLED", "ERROR", "WARN", "is throttled by the ECS API"),
    ("SERVICE_DISCOVERY_OPERATION_THROTTLED", "ERROR", "WARN", "is throttled by the Cloud Map"),
    ("SERVICE_TASK_PLACEMENT_FAILURE", "ERROR", "ERROR", "could not place a task"),
    ("SERVICE_TASK_CONFIGURATION_FAILURE", "ERROR", "ERROR", "could not configure a task"),
    ("SERVICE_HEALTH_UNKNOWN", "ERROR", "WARN", "has tasks whose health is unknown"),
    ("SERVICE_DEPLOYMENT_FAILED", "ERROR", "ERROR", "could not be deployed"),
]


class TestServiceAction:
    @pytest.mark.parametrize(("event_name", "event_type", "level", "words"), SERVICE_ACTIONS)
    def test_every_event_has_a_message_and_level(
        self, event_name: str, event_type: str, level: str, words: str
    ) -> None:
        record = make_record(service_action(event_name, event_type))
        assert record["message"].startswith(f"service web {words}")
        assert record["level"] == level
        assert record["service"] == "web"
        assert record["eventName"] == event_name
        assert "unparsed" not in record

    @pytest.mark.parametrize(
        ("event_name", "level"), [(name, level) for name, _, level, _ in SERVICE_ACTIONS]
    )
    def test_level_does_not_depend_on_ecs_severity(self, event_name: str, level: str) -> None:
        assert make_record(service_action(event_name, None))["level"] == level

    def test_copies_the_resources_of_an_event(self) -> None:
        record = make_record(service_action("TASKS_STOPPED", **LOOKED_UP))
        assert {key: record[key] for key in LOOKED_UP} == LOOKED_UP
        assert list(record)[len(HEAD) :] == ["service", "eventName", *LOOKED_UP, "createdAt"]
        assert record["message"] == "service web has stopped tasks: because"

    @pytest.mark.parametrize("key", ["service", "serviceName"])
    def test_finds_the_service_without_a_resource(self, key: str) -> None:
        event = {**service_action("SERVICE_STEADY_STATE", **{key: "web"}), "resources": []}
        assert make_record(event)["service"] == "web"

    def test_finds_the_service_in_a_short_arn(self) -> None:
        event = {**service_action("SERVICE_STEADY_STATE"), "resources": [f"{ARN}:service/web"]}
        record = make_record(event)
        assert (record["cluster"], record["service"]) == ("shop", "web")

    @pytest.mark.parametrize("resources", [[], [INSTANCE]])
    def test_message_says_if_the_service_has_no_name(self, resources: list[str]) -> None:
        event = {**service_action("SERVICE_STEADY_STATE"), "resources": resources}
        record = make_record(event)
        assert record["message"] == "service without a name has reached a steady state"
        assert "service" not in record


# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
class TestDeployment:
    @pytest.mark.parametrize(
        ("event_name", "reason", "event_type", "level", "message"),
        [
            (
                "SERVICE_DEPLOYMENT_IN_PROGRESS",
                "ECS deployment ecs-svc/2757582648257641111 in progress.",
                "INFO",
                "INFO",
                "service web is being deployed (ecs-svc/2757582648257641111)",
            ),
            (
                "SERVICE_DEPLOYMENT_IN_PROGRESS",
                "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.",
                "INFO",
                "WARN",
                "service web is being rolled back to an earlier deployment: "
                "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.",
            ),
            (
                "SERVICE_DEPLOYMENT_COMPLETED",
                "ECS deployment ecs-svc/2757582648257641111 completed.",
                "INFO",
                "INFO",
                "service web has been deployed (ecs-svc/2757582648257641111)",
            ),
            (
                "SERVICE_DEPLOYMENT_COMPLETED",
                "Rollback to ecs-svc/1 completed.",
                "INFO",
                "INFO",
                "service web has been rolled back to an earlier deployment: "
                "Rollback to ecs-svc/1 completed.",
            ),
            (
                "SERVICE_DEPLOYMENT_FAILED",
                "ECS deployment circuit breaker: tasks failed to start.",
                "ERROR",
                "ERROR",
                "service web could not be deployed: "
                "ECS deployment circuit breaker: tasks failed to start.",
            ),
            (
                "SERVICE_DEPLOYMENT_FAILED",
                "ECS deployment failed: alarm detected.",
                "INFO",
                "ERROR",
                "service web could not be deployed: ECS deployment failed: alarm detected.",
            ),
        ],
    )
    def test_tells_deployment_rollback_and_failure_apart(
        self, event_name: str, reason: str, event_type: str, level: str, message: str
    ) -> None:
        record = make_record(deployment(event_name, reason, event_type))
        assert record["message"] == message
        assert record["level"] == level
        assert record["reason"] == reason
        assert record["deploymentId"] == "ecs-svc/2757582648257641111"

    def test_deployment_without_an_id_shows_its_reason(self) -> None:
        event = deployment("SERVICE_DEPLOYMENT_COMPLETED", "ECS deployment ecs-svc/1 completed.")
        message = make_record(without(event, "deploymentId"))["message"]
        assert message == "service web has been deployed: ECS deployment ecs-svc/1 completed."

    def test_reason_of_another_type_does_not_hide_the_rest(self) -> None:
        event = deployment("SERVICE_DEPLOYMENT_IN_PROGRESS", "because")
        event["detail"]["reason"] = {"text": "rolling back"}
        record = make_record(event)
        assert record["message"] == "service web is being deployed"
        assert record["unparsed"] == event


# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_hook_state_change_events.html
class TestHook:
    def test_pause_says_what_it_waits_for_and_until_when(self) -> None:
        record = make_record(hook("HOOK_AWAITING_ACTION"))
        assert record["level"] == "WARN"
        assert record["message"] == (
            "service web has a deployment that waits to be continued or rolled back"
            " (PAUSE hook at POST_TEST_TRAFFIC_SHIFT, expires 2026-11-01T10:15:00Z)"
        )
        assert list(record)[len(HEAD) :] == [
            "service",
            "eventName",
            "hookType",
            "lifecycleStage",
            "hookId",
            "expiresAt",
            "serviceDeploymentArn",
            "updatedAt",
        ]

    @pytest.mark.parametrize(
        ("event_name", "hook_type", "level", "words"),
        [
            ("HOOK_IN_PROGRESS", "AWS_LAMBDA", "INFO", "has a deployment hook in progress"),
            ("HOOK_SUCCEEDED", "PAUSE", "INFO", "has a deployment hook that succeeded"),
            ("HOOK_FAILED", "AWS_LAMBDA", "ERROR", "has a deployment hook that failed"),
            ("HOOK_FAILED", "PAUSE", "WARN", "has a deployment whose rollback was requested"),
            ("HOOK_TIMED_OUT", "PAUSE", "ERROR", "has a deployment hook that timed out"),
        ],
    )
    def test_every_event_has_a_message_and_level(
        self, event_name: str, hook_type: str, level: str, words: str
    ) -> None:
        record = make_record(hook(event_name, hook_type))
        assert record["message"].startswith(f"service web {words} ({hook_type} hook at POST_TEST")
        assert record["level"] == level

    @pytest.mark.parametrize("resources", [[], [SERVICE_DEPLOYMENT], [SERVICE]])
    @pytest.mark.parametrize("keys", [[], ["serviceArn"]])
    def test_finds_the_service_wherever_it_is_named(
        self, resources: list[str], keys: list[str]
    ) -> None:
        event = {**without(hook("HOOK_SUCCEEDED"), *keys), "resources": resources}
        record = make_record(without(event, "clusterArn"))
        assert (record["cluster"], record["service"]) == ("shop", "web")

    def test_message_leaves_out_missing_fields(self) -> None:
        event = without(hook("HOOK_SUCCEEDED"), "hookType", "lifecycleStage", "expiresAt")
        assert make_record(event)["message"] == "service web has a deployment hook that succeeded"

    def test_does_not_copy_hook_details(self) -> None:
        line = to_line(make_record(hook("HOOK_FAILED", hookDetails={"password": "hunter2"})))
        assert "hunter2" not in line


# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_container_instance_events.html
class TestContainerInstance:
    @pytest.mark.parametrize(
        ("status", "connected", "level", "message"),
        [
            ("REGISTERING", None, "INFO", "REGISTERING: it joins the cluster"),
            ("ACTIVE", True, "INFO", "ACTIVE, agent connected"),
            ("ACTIVE", False, "WARN", "ACTIVE, agent disconnected"),
            ("DRAINING", True, "INFO", "DRAINING: it takes no new tasks, agent connected"),
            ("DRAINING", False, "WARN", "DRAINING: it takes no new tasks, agent disconnected"),
            ("DEREGISTERING", False, "INFO", "DEREGISTERING: it leaves the cluster, agent disc"),
            ("INACTIVE", False, "INFO", "INACTIVE: it has left the cluster, agent disconnected"),
            ("REGISTRATION_FAILED", False, "ERROR", "REGISTRATION_FAILED: it could not join the"),
            ("SOMETHING_NEW", True, "INFO", "SOMETHING_NEW, agent connected"),
        ],
    )
    def test_every_status_has_a_message_and_level(
        self, status: str, connected: bool | None, level: str, message: str
    ) -> None:
        record = make_record(instance(status, agentConnected=connected))
        assert record["message"].startswith(f"container instance i-0abc {message}")
        assert record["level"] == level
        assert record["instanceStatus"] == status
        assert record.get("agentConnected") is connected
        assert "unparsed" not in record

    @pytest.mark.parametrize(
        ("detail", "who"),
        [
            ({}, "i-0abc"),
            ({"ec2InstanceId": None}, "2dd1b186f39845a584488d2ef155c131"),
            ({"ec2InstanceId": None, "containerInstanceArn": None}, "without an ID"),
        ],
    )
    def test_message_names_the_instance_by_its_best_known_id(self, detail: Event, who: str) -> None:
        record = make_record(instance("ACTIVE", agentConnected=None, **detail))
        assert record["message"] == f"container instance {who} ACTIVE"
        assert record["level"] == "INFO"
        assert "unparsed" not in record

    def test_message_quotes_the_reason(self) -> None:
        event = instance("REGISTRATION_FAILED", agentConnected=False, statusReason="no trunk ENI")
        assert make_record(event)["message"] == (
            "container instance i-0abc REGISTRATION_FAILED: it could not join the cluster"
            " (no trunk ENI), agent disconnected"
        )

    def test_does_not_copy_resource_tables(self) -> None:
        event = instance("ACTIVE", runningTasksCount=3, pendingTasksCount=0)
        assert list(make_record(event))[len(HEAD) :] == [
            "instanceStatus",
            "agentConnected",
            "containerInstanceArn",
            "ec2InstanceId",
            "runningTasksCount",
            "pendingTasksCount",
            "version",
            "updatedAt",
        ]

    @pytest.mark.parametrize("status", [None, 5, True, ["ACTIVE"], {"a": 1}])
    def test_status_of_another_type_is_logged_whole(self, status: Any) -> None:
        event = instance(status)
        record = make_record(event)
        assert record["unparsed"] == event
        assert record["message"].startswith("container instance i-0abc in an unknown status")

    @pytest.mark.parametrize("detail", [{"agentConnected": "yes"}, {"version": {"a": 1}}])
    def test_fields_of_another_type_are_logged_whole(self, detail: Event) -> None:
        event = instance("ACTIVE", **detail)
        assert make_record(event)["unparsed"] == event


# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_container_instance_health_events.html
class TestHealth:
    @pytest.mark.parametrize(
        ("event", "level", "message"),
        [
            (health("OK", check("CONTAINER_RUNTIME", "OK")), "INFO", "is healthy"),
            (
                health("IMPAIRED", check("ACCELERATED_COMPUTE", "IMPAIRED", "XID_46")),
                "ERROR",
                "is impaired: accelerated compute (XID_46)",
            ),
            (
                health(
                    "IMPAIRED",
                    check("CONTAINER_RUNTIME", "OK"),
                    check("DAEMON", "IMPAIRED", "Daemon task: 1 is unhealthy"),
                    check("AGENT_CONNECTIVITY", "IMPAIRED"),
                ),
                "ERROR",
                "is impaired: daemon (Daemon task: 1 is unhealthy), agent connectivity",
            ),
            (
                health("INSUFFICIENT_DATA", check("CONTAINER_RUNTIME", "INSUFFICIENT_DATA")),
                "WARN",
                "reports too little health data: container runtime",
            ),
            (health("INITIALIZING"), "INFO", "has not been checked yet"),
        ],
    )
    def test_every_health_status_has_a_message_and_level(
        self, event: Event, level: str, message: str
    ) -> None:
        record = make_record(event)
        assert record["message"] == f"container instance i-0abc {message}"
        assert record["level"] == level
        assert "unparsed" not in record

    def test_copies_the_main_fields_of_health_checks(self) -> None:
        event = health(
            "IMPAIRED", check("DAEMON", "IMPAIRED", "unhealthy"), capacityProviderName="fleet"
        )
        record = make_record(event)
        assert list(record)[len(HEAD) :] == [
            "overallStatus",
            "healthChecks",
            "containerInstanceArn",
            "ec2InstanceId",
            "capacityProviderName",
        ]
        assert record["healthChecks"] == [
            {
                "type": "DAEMON",
                "status": "IMPAIRED",
                "statusReason": "unhealthy",
                "lastStatusChange": "2026-11-01T10:04:53Z",
            }
        ]

    def test_unknown_overall_status_is_logged_whole(self) -> None:
        event = health("SOMETHING_NEW")
        record = make_record(event)
        assert record["unparsed"] == event
        assert record["message"] == "container instance i-0abc reports health status SOMETHING_NEW"
        assert record["level"] == "WARN"

    @pytest.mark.parametrize("checks", ["none", {"a": 1}, ["x"], [{"type": {"a": 1}}], [{}, 5]])
    def test_health_checks_of_another_type_do_not_hide_the_rest(self, checks: Any) -> None:
        event = health("IMPAIRED", healthChecks=checks)
        record = make_record(event)
        assert record["unparsed"] == event
        assert record["level"] == "ERROR"
        assert record["message"].startswith("container instance i-0abc is impaired")

    def test_one_unexpected_check_does_not_hide_the_others(self) -> None:
        event = health("IMPAIRED", "strange", check("DAEMON", "IMPAIRED"))
        record = make_record(event)
        assert record["message"] == "container instance i-0abc is impaired: daemon"
        assert record["unparsed"] == event

    @pytest.mark.parametrize("checks", [None, []])
    def test_missing_health_checks_are_accepted(self, checks: Any) -> None:
        record = make_record(health("OK", healthChecks=checks))
        assert "healthChecks" not in record
        assert "unparsed" not in record


# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-events.html
class TestDaemonAction:
    def test_failed_daemon_task_is_an_error(self) -> None:
        record = make_record(daemon_action("TASK_FAILED_TO_RUN", reason="CannotPullContainerError"))
        assert record["level"] == "ERROR"
        assert record["message"] == (
            "daemon agent has a task that failed to run on container instance"
            " 2dd1b186f39845a584488d2ef155c131: CannotPullContainerError"
        )
        assert list(record.items())[len(HEAD) :] == [
            ("daemon", "agent"),
            ("daemonTaskDefinition", "agent-td:1"),
            ("taskId", "0123456789abcdef0123456789abcdef"),
            ("eventName", "DAEMON_TASK_START_IMPAIRED"),
            ("failureType", "TASK_FAILED_TO_RUN"),
            ("reason", "CannotPullContainerError"),
            ("capacityProviderName", "fleet"),
            ("containerInstanceArn", INSTANCE),
            ("daemonRevisionArn", DAEMON_REVISION),
            ("createdAt", "2026-11-01T10:05:00.000Z"),
        ]

    def test_daemon_task_that_was_not_created_has_no_id(self) -> None:
        event = without(daemon_action("TASK_CREATION_FAILED", reason="RESOURCE:CPU"), "taskArn")
        record = make_record({**event, "resources": []})
        assert record["message"] == (
            "daemon agent could not create a task on container instance"
            " 2dd1b186f39845a584488d2ef155c131: RESOURCE:CPU"
        )
        assert record["level"] == "ERROR"
        assert record["cluster"] == "shop"
        assert "taskId" not in record
        assert "unparsed" not in record

    @pytest.mark.parametrize("failure", [None, "SOMETHING_NEW"])
    def test_unknown_daemon_failure_has_a_message(self, failure: Any) -> None:
        event = without(daemon_action(failure), "containerInstanceArn", "reason")
        assert make_record(event)["message"] == "daemon agent could not start a task"

    @pytest.mark.parametrize("keys", [["daemonArn"], ["daemonArn", "clusterArn"]])
    def test_finds_the_daemon_in_its_revision(self, keys: list[str]) -> None:
        event = {**without(daemon_action("TASK_CREATION_FAILED"), *keys), "resources": []}
        record = make_record(event)
        assert (record["cluster"], record["daemon"]) == ("shop", "agent")

    def test_message_says_if_the_daemon_has_no_name(self) -> None:
        event = without(daemon_action("TASK_CREATION_FAILED"), "daemonArn", "daemonRevisionArn")
        record = make_record(event)
        assert record["message"].startswith("daemon without a name could not create a task")
        assert "daemon" not in record


class TestDaemonDeployment:
    @pytest.mark.parametrize(
        ("event_name", "event_type", "level", "words"),
        [
            ("DAEMON_DEPLOYMENT_PENDING", "INFO", "INFO", "is about to be deployed"),
            ("DAEMON_DEPLOYMENT_IN_PROGRESS", "INFO", "INFO", "is being deployed"),
            ("DAEMON_DEPLOYMENT_SUCCESSFUL", "INFO", "INFO", "has been deployed"),
            ("DAEMON_DEPLOYMENT_STOPPED", "INFO", "WARN", "has a deployment that stopped: it"),
            (
                "DAEMON_DEPLOYMENT_STOP_REQUESTED",
                "INFO",
                "WARN",
                "is stopping a deployment to roll",
            ),
            ("DAEMON_DEPLOYMENT_ROLLBACK_IN_PROGRESS", "INFO", "WARN", "is being rolled back"),
            ("DAEMON_DEPLOYMENT_ROLLBACK_SUCCESSFUL", "INFO", "INFO", "has been rolled back"),
            ("DAEMON_DEPLOYMENT_ROLLBACK_FAILED", "ERROR", "ERROR", "could not be rolled back"),
        ],
    )
    def test_every_event_has_a_message_and_level(
        self, event_name: str, event_type: str, level: str, words: str
    ) -> None:
        record = make_record(daemon_deployment(event_name, event_type))
        assert record["message"].startswith(f"daemon agent {words}")
        assert record["level"] == level
        assert list(record)[len(HEAD) :] == [
            "daemon",
            "eventName",
            "daemonDeploymentArn",
            "targetDaemonRevisionArn",
            "updatedAt",
        ]

    def test_message_quotes_the_reason_of_a_deployment(self) -> None:
        event = daemon_deployment("DAEMON_DEPLOYMENT_ROLLBACK_FAILED", reason="because")
        assert make_record(event)["message"] == "daemon agent could not be rolled back: because"

    def test_finds_the_daemon_in_the_resource(self) -> None:
        event = without(daemon_deployment("DAEMON_DEPLOYMENT_PENDING"), "daemonArn", "clusterArn")
        record = make_record(event)
        assert (record["cluster"], record["daemon"]) == ("shop", "agent")


# The expected level and message of the maintainers' events: see their README.
EXPECTED = {
    ("SERVICE_DEPLOYMENT_COMPLETED", ""): ("INFO", "has been deployed (ecs-svc/"),
    ("SERVICE_DEPLOYMENT_FAILED", ""): ("ERROR", "could not be deployed: ECS deployment circuit"),
    ("SERVICE_DEPLOYMENT_IN_PROGRESS", ""): ("INFO", "is being deployed (ecs-svc/"),
    ("SERVICE_DEPLOYMENT_IN_PROGRESS", "rolling back"): (
        "WARN",
        "is being rolled back to an earlier deployment: ECS deployment circuit breaker: rolling",
    ),
    ("CAPACITY_PROVIDER_STEADY_STATE", ""): ("INFO", "has capacity providers that reached"),
    ("SERVICE_TASK_PLACEMENT_FAILURE", ""): ("ERROR", "could not place a task: RESOURCE:CPU"),
    ("SERVICE_TASK_START_IMPAIRED", ""): ("ERROR", "repeatedly fails to start its tasks"),
    ("SERVICE_STEADY_STATE", ""): ("INFO", "has reached a steady state"),
}
REAL_EVENTS = [
    event for event in shared_events() if event["detail-type"] != "ECS Task State Change"
]
INSTANCE_EVENTS = [event for event in REAL_EVENTS if "Instance" in event["detail-type"]]
SERVICE_EVENTS = [event for event in REAL_EVENTS if event not in INSTANCE_EVENTS]


@pytest.mark.recorded
class TestRealEvents:
    @pytest.mark.parametrize("event", INSTANCE_EVENTS)
    def test_real_container_instance_events_are_understood(self, event: Event) -> None:
        record = make_record(event)
        assert "unparsed" not in record
        assert record["cluster"] == "default"
        assert "service" not in record
        assert record["level"] == "INFO"
        assert record["message"] == "container instance i-f3a8506b ACTIVE, agent connected"

    @pytest.mark.parametrize("event", SERVICE_EVENTS, ids=lambda event: event["detail-type"])
    def test_real_service_events_are_understood(self, event: Event) -> None:
        record = make_record(event)
        assert "unparsed" not in record
        detail = event["detail"]
        back = "rolling back" if "rolling back" in detail.get("reason", "") else ""
        level, words = EXPECTED[detail["eventName"], back]
        assert [record["cluster"], record["service"]] == event["resources"][0].split("/")[1:]
        assert record["level"] == level
        assert record["message"].startswith(f"service {record['service']} {words}")
