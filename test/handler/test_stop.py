"""Main containers and helpers: who ended a task, in services and outside."""

from typing import Any

import pytest

from ecs_events import ARN, Event, task_event
from ecs_task_event_logger.handler.task_events.record import make_record
from ecs_task_event_logger.handler.task_events.stop import Stop
from verdicts import Verdict, diagnose

EXITED = {
    "stopCode": "EssentialContainerExited",
    "stoppedReason": "Essential container in task exited",
}
ALONE = {"group": "family:billing", "startedBy": "cron"}
IN_SERVICE = {"group": "service:shop", "startedBy": "ecs-svc/1"}
BY_STARTED_BY = {"group": None, "startedBy": "ecs-svc/1"}

SIDECARS = [
    *("log_router", "log-router", "logrouter", "firelens", "fluent-bit", "fluentbit", "fluentd"),
    *("filebeat", "promtail", "vector", "logspout", "aws-for-fluent-bit"),
    *("envoy", "nginx", "nginx-proxy", "traefik", "haproxy", "cloud-sql-proxy", "pgbouncer"),
    *("ecs-service-connect-agent", "ecs-service-connect-x7Fq", "appmesh-envoy", "istio-proxy"),
    *("linkerd-proxy", "consul-dataplane", "daprd", "oauth2-proxy", "cloudflared", "stunnel"),
    *("datadog-agent", "dd-agent", "datadog", "newrelic-infra", "nri-ecs", "splunk-forwarder"),
    *("dynatrace-oneagent", "appdynamics", "sysdig-agent", "instana-agent"),
    *("cloudwatch-agent", "cloudwatch_agent", "cwagent", "xray-daemon", "xray", "x-ray-daemon"),
    *("adot-collector", "aws-otel-collector", "otel-collector", "otelcol", "opentelemetry"),
    *("node-exporter", "redis_exporter", "ecs-exporter", "prometheus", "statsd-exporter"),
    *("vmagent", "telegraf", "alloy", "grafana-agent", "statsd", "metrics-sidecar", "jaeger-agent"),
    *("vault", "vault-agent", "secrets-sidecar", "tailscale", "wireguard", "openvpn"),
    *("aws-guardduty-agent-abc", "falco", "pause", "ecs-agent", "wavefront-proxy", "sidecar"),
]
INIT_CONTAINERS = [
    *("init", "init-db", "init_container", "initcontainer", "db-migrate", "migrations", "migrate"),
    *("flyway", "liquibase", "setup", "bootstrap", "wait-for-db", "seed", "permissions-init"),
    *("config-init", "config-downloader"),
]


def c(name: str, exit_code: int | None = None, **more: Any) -> Event:
    """Return a container."""
    given = {"name": name, "exitCode": exit_code, **more}
    return {key: value for key, value in given.items() if value is not None}


def event(*containers: Event, family: str = "billing", **detail: Any) -> Event:
    arn = f"{ARN}:task-definition/{family}:6"
    return task_event(*containers, **{**EXITED, **ALONE, "taskDefinitionArn": arn, **detail})


def verdict(*containers: Event, **detail: Any) -> Verdict:
    found = diagnose(event(*containers, **detail)["detail"])
    assert found is not None
    return found


def culprit(found: Verdict) -> str | None:
    return found.culprit


def main_of(*containers: Event, **detail: Any) -> list[str]:
    return [each.detail["name"] for each in Stop(event(*containers, **detail)["detail"]).main]


class TestMainContainers:
    @pytest.mark.parametrize("helper", [*SIDECARS, *INIT_CONTAINERS])
    def test_known_helpers_are_not_main(self, helper: str) -> None:
        assert main_of(c("app"), c(helper)) == ["app"]
        assert main_of(c(helper), c("app")) == ["app"]

    @pytest.mark.parametrize("helper", ["Fluent-Bit", "ENVOY", "Init-DB"])
    def test_ignores_upper_and_lower_case(self, helper: str) -> None:
        assert main_of(c("App"), c(helper)) == ["App"]

    @pytest.mark.parametrize(
        "name",
        [
            *("app", "web", "api", "job", "worker", "consumer", "scheduler", "backend", "flow"),
            *("application", "reporter", "initiator", "vectorizer", "management", "catalogue"),
            *("payments", "setups", "invoice", "agency", "proximity", "envoys"),
        ],
    )
    def test_other_names_are_main(self, name: str) -> None:
        assert main_of(c(name), c("envoy")) == [name]

    @pytest.mark.parametrize(
        "image",
        [
            "amazon/aws-xray-daemon:3.x",
            "public.ecr.aws/aws-observability/aws-otel-collector:v0.40.0",
            "fluent/fluent-bit@sha256:0123",
            "gcr.io/datadoghq/agent:7",
            "envoyproxy/envoy:v1.30",
            "registry.example.com:5000/shop/node-exporter",
        ],
    )
    def test_image_tells_a_helper_too(self, image: str) -> None:
        assert main_of(c("app"), c("second", image=image)) == ["app"]

    def test_registry_and_tag_of_an_image_are_no_clue(self) -> None:
        images = "proxy.example.com/agents/shop:envoy"
        assert main_of(c("app"), c("second", image=images)) == ["app", "second"]

    @pytest.mark.parametrize("name", ["nginx", "redis", "migrate", "vector", "agent"])
    def test_container_with_the_name_of_the_family_is_main(self, name: str) -> None:
        assert main_of(c("web"), c(name), family=name) == [name]

    @pytest.mark.parametrize("name", ["nginx", "redis", "proxy"])
    def test_container_with_the_name_of_the_service_is_main(self, name: str) -> None:
        found = main_of(c("web"), c(name), group=f"service:{name}", startedBy="ecs-svc/1")
        assert found == [name]

    def test_only_container_is_main_whatever_its_name(self) -> None:
        assert main_of(c("envoy")) == ["envoy"]

    def test_helpers_alone_are_all_main(self) -> None:
        assert main_of(c("envoy"), c("fluent-bit")) == ["envoy", "fluent-bit"]

    def test_part_of_the_family_tells_a_helper_that_is_main(self) -> None:
        assert main_of(c("proxy"), c("log-router"), family="shop-proxy") == ["proxy"]

    def test_several_containers_may_be_main(self) -> None:
        assert main_of(c("web"), c("worker"), c("envoy")) == ["web", "worker"]

    @pytest.mark.parametrize(
        ("main", "helper"),
        [
            *(("migrate", "log_router"), ("billing-agent", "datadog-agent"), ("seed", "envoy")),
            *(("prepare-report", "fluentbit"), ("monitoring-api", "app2"), ("nginx", "xray")),
        ],
    )
    def test_work_is_what_looks_least_like_a_helper(self, main: str, helper: str) -> None:
        assert main in main_of(c(main, 143), c(helper, 0), family="acme-prod")
        found = verdict(c(main, 143), c(helper, 0), family="acme-prod")
        if helper != "app2":
            assert (found.cause, found.failed) == ("SIGNAL", True)

    def test_migration_may_be_the_work(self) -> None:
        found = verdict(c("migrate", 0), c("log_router", 1), family="acme-prod")
        assert (found.cause, found.failed) == ("COMPLETED", False)

    def test_end_of_a_proxy_is_no_work(self) -> None:
        found = verdict(c("nginx", 0), c("vector-search", 137), family="acme-prod")
        assert (found.cause, found.culprit) == ("SIGNAL", "vector-search")


class TestKilledMainContainer:
    """A helper's 0 never makes a killed main container complete."""

    @pytest.mark.parametrize("code", [137, 143, 130, 0xC000013A, -1073741510])
    @pytest.mark.parametrize("helper", ["log_router", "init-db", "envoy", "vmagent", "migrate"])
    @pytest.mark.parametrize("owner", [ALONE, IN_SERVICE, BY_STARTED_BY])
    def test_helper_with_0_does_not_complete_the_task(
        self, owner: Event, helper: str, code: int
    ) -> None:
        found = verdict(c("job", code), c(helper, 0), **owner)
        assert found.cause == "SIGNAL"
        assert found.failed is True
        assert found.level == "ERROR"

    def test_message_names_both_containers(self) -> None:
        record = make_record(event(c("job", 143), c("log_router", 0)))
        assert record["message"] == (
            "billing:6 STOPPED: container log_router exited with 0 and so stopped "
            "job (exit code 143, SIGTERM)"
        )
        record = make_record(event(c("job", 143), c("api", 130), c("log_router", 0)))
        assert record["message"].endswith(
            "so stopped job (exit code 143, SIGTERM), api (exit code 130, SIGINT)"
        )

    def test_message_names_the_helper_that_ended_before_a_kill(self) -> None:
        record = make_record(event(c("job", 137), c("log_router", 0), c("init-db", 0)))
        assert record["culprit"] == "job"
        assert record["message"].endswith(
            "in container job (exit code 137, SIGKILL; container log_router exited with 0)"
        )

    @pytest.mark.parametrize("name", [None, 5])
    def test_container_without_a_name_costs_nothing(self, name: Any) -> None:
        helper = {"name": name, "image": "envoy:1", "exitCode": 0}
        record = make_record(event(c("job", 143), helper))
        assert "handlerErrors" not in record
        assert "container without a name exited with 0" in record["message"]
        record = make_record(event({"name": name, "exitCode": 0}))
        assert record["message"].endswith("container without a name exited with 0")

    def test_words_of_a_user_count_only_without_a_stop_code(self) -> None:
        found = verdict(c("job", 143), stopCode=None, stoppedReason="Moved to another cluster")
        assert (found.cause, found.failed) == ("USER_STOPPED", False)
        found = verdict(c("job", 143), stoppedReason="Moved to another cluster")
        assert (found.cause, found.failed) == ("SIGNAL", True)

    def test_init_container_with_0_is_no_reason_to_stop(self) -> None:
        found = verdict(c("job", 143), c("init-db", 0))
        assert culprit(found) == "job"

    def test_unhealthy_main_container_explains_the_stop(self) -> None:
        found = verdict(c("app", 143, healthStatus="UNHEALTHY"), c("envoy", 0))
        assert found.cause == "CONTAINER_HEALTH_CHECK"
        assert culprit(found) == "app"
        assert found.failed is True

    @pytest.mark.parametrize("owner", [ALONE, IN_SERVICE])
    def test_crash_beats_the_helper_with_0(self, owner: Event) -> None:
        found = verdict(c("job", 1), c("log_router", 0), **owner)
        assert (found.cause, culprit(found)) == ("APPLICATION_ERROR", "job")


class TestFailedSidecar:
    @pytest.mark.parametrize("code", [1, 2, 9, 137, 139, 143, 255])
    @pytest.mark.parametrize("sidecar", ["envoy", "cloudwatch_agent", "ecs-exporter", "vector"])
    def test_task_outside_a_service_is_complete(self, sidecar: str, code: int) -> None:
        record = make_record(event(c("app", 0), c(sidecar, code)))
        assert (record["cause"], record["failed"], record["level"]) == ("COMPLETED", False, "INFO")
        assert "culprit" not in record
        assert "container app exited with 0" in record["message"]

    @pytest.mark.parametrize("owner", [IN_SERVICE, BY_STARTED_BY])
    @pytest.mark.parametrize("code", [1, 2, 9])
    def test_sidecar_of_a_service_is_the_culprit(self, code: int, owner: Event) -> None:
        record = make_record(event(c("app", 0), c("envoy", code), **owner))
        assert (record["cause"], record["failed"]) == ("APPLICATION_ERROR", True)
        assert (record["culprit"], record["exitCode"]) == ("envoy", code)
        assert record["level"] == "ERROR"

    @pytest.mark.parametrize(
        ("code", "times"),
        [
            *((code, {}) for code in (130, 137, 143)),
            (
                137,
                {
                    "stoppingAt": "2026-11-01T10:00:00Z",
                    "executionStoppedAt": "2026-11-01T10:00:02Z",
                },
            ),
        ],
    )
    def test_sidecar_that_was_told_to_stop_is_no_culprit(self, code: int, times: Event) -> None:
        record = make_record(event(c("app", 0), c("envoy", code), **IN_SERVICE, **times))
        assert (record["cause"], record["failed"], record["level"]) == ("COMPLETED", False, "WARN")

    def test_sidecar_out_of_memory_does_not_undo_the_work(self) -> None:
        oom = "OutOfMemoryError: Container killed due to memory usage"
        sidecar = c("log_router", 137, reason=oom)
        assert verdict(c("app", 0), sidecar).cause == "COMPLETED"
        found = verdict(c("app", 0), sidecar, **IN_SERVICE)
        assert (found.cause, culprit(found)) == ("OUT_OF_MEMORY", "log_router")

    def test_names_all_containers_that_did_the_work(self) -> None:
        record = make_record(event(c("web", 0), c("worker", 0), c("envoy", 1)))
        assert record["message"] == (
            "billing:6 STOPPED: completed, container web, worker exited with 0"
        )

    def test_main_container_with_an_error_is_the_culprit(self) -> None:
        found = verdict(c("envoy", 1), c("app", 3))
        assert (found.cause, culprit(found)) == ("APPLICATION_ERROR", "app")

    def test_one_main_container_with_0_is_not_enough(self) -> None:
        found = verdict(c("web", 0), c("worker", 3), c("envoy", 0))
        assert (found.cause, culprit(found)) == ("APPLICATION_ERROR", "worker")

    def test_failed_init_container_is_the_culprit(self) -> None:
        found = verdict(c("db-migrate", 1), c("app"))
        assert (found.cause, culprit(found)) == ("APPLICATION_ERROR", "db-migrate")


class TestCompletedService:
    """A service's task that ends by itself: ECS starts another."""

    @pytest.mark.parametrize("owner", [IN_SERVICE, BY_STARTED_BY])
    def test_is_a_warning_and_says_what_follows(self, owner: Event) -> None:
        record = make_record(event(c("web", 0), **owner))
        assert (record["cause"], record["failed"], record["level"]) == ("COMPLETED", False, "WARN")
        assert record["message"].endswith(
            "container web exited with 0, so the service starts another task"
        )
        assert "remedy" not in record

    def test_task_outside_a_service_is_no_warning(self) -> None:
        record = make_record(event(c("web", 0)))
        assert (record["cause"], record["level"]) == ("COMPLETED", "INFO")
        assert "another" not in record["message"]


class TestWindows:
    @pytest.mark.parametrize("code", [0xC000013A, 0xC000013A - 2**32])
    def test_container_that_was_told_to_stop_is_no_culprit(self, code: int) -> None:
        assert verdict(c("job", 0), c("log-agent", code)).cause == "COMPLETED"
        assert verdict(c("job", 0), c("log-agent", code), **IN_SERVICE).cause == "COMPLETED"

    @pytest.mark.parametrize(
        "code",
        [
            *(0xC0000005, 0xC0000409, 0xC00000FD, 0xE0434352, 0xE06D7363),
            *(0xC0000000, 0xCFFFFFFF),
        ],
    )
    @pytest.mark.parametrize("signed", [False, True])
    def test_crash_is_a_signal(self, code: int, signed: bool) -> None:
        found = verdict(c("job", code - 2**32 if signed else code), c("log-agent", 0))
        assert (found.cause, culprit(found), found.failed) == ("SIGNAL", "job", True)

    @pytest.mark.parametrize("code", [0xC0000135, 0xC0000139, 0xC0000142])
    def test_missing_dll_is_a_failed_start(self, code: int) -> None:
        found = verdict(c("job", code))
        assert found.cause == "CONTAINER_START"
        assert found.remedy is not None
        assert "DLL" in found.remedy

    @pytest.mark.parametrize(
        "code", [-1, -2, 2**32 - 1, 0x80131500 - 2**32, 1000, 16389, 0xBFFFFFFF, 0xD0000000]
    )
    def test_other_codes_are_errors_of_the_application(self, code: int) -> None:
        found = verdict(c("job", code))
        assert found.cause == "APPLICATION_ERROR"
