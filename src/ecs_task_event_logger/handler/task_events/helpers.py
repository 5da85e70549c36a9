"""Tell the containers that do a task's work from those that only help them."""

import re
from functools import lru_cache

from .fields import lowered

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Record
    from .stop import Container

# Words in the names or images of containers that help others, and that do no work of their own.
# Texts, because Lambda compiles lists more slowly.
_SIDECARS = """
adot alloy appdynamics appmesh auth-proxy aws-for-fluent-bit beat beats beyla cadvisor cilium
cloud-sql-proxy cloudflared cloudsql cloudwatch collector consul crowdstrike cwagent dapr daprd
datadog dataplane dd ddagent dnsmasq dogstatsd dynatrace ecs-service-connect envoy exporter falco
falcon filebeat firelens fluent fluentbit fluentd git-sync grafana-agent guardduty honeycomb
instana istio jaeger journalbeat kuma lacework linkerd linkerd2 litestream log-router logdna
logrouter logspout logstash loki mesh metricbeat mimir mtail netdata new-relic newrelic ngrok
node-exporter nri oauth2 oneagent opa opentelemetry openvpn otel otelcol packetbeat papertrail
pause pgbouncer prometheus promtail proxysql pushgateway rsyslog secrets sentry shipper sidecar
signalfx skywalking socat spire splunk sqlproxy stackdriver statsd stunnel sumologic sysdig syslog
tailscale telegraf tempo tunnel twingate twistlock vault vector victoria vmagent vpn wavefront wg
wireguard x-ray xray zipkin
""".split()  # noqa: SIM905

# Words in the names of containers that prepare others, and then exit.
_INIT_CONTAINERS = """
bootstrap bootstrapper chown collectstatic copier copy downloader fetcher flyway init initcontainer
initializer installer liquibase migrate migration migrations migrator permissions perms preflight
prepare prestart renderer schema-upgrade seed seeder setup unpack wait waiter warmer warmup
""".split()  # noqa: SIM905

# Words of helpers that may as well be what a task is for, such as a service's nginx.
_EITHER = """
agent agents caddy haproxy kong localstack logger logging memcached metrics monitor monitoring nginx
proxy redis router squid traefik unbound
""".split()  # noqa: SIM905
_WORK = ("-api", "-backend", "-job", "-server", "-service", "-worker")


def find_main(detail: "Record", containers: "list[Container]") -> "list[Container]":
    """Return the containers that do the work, by all that their names and images tell."""
    group = lowered(detail, "group")
    family = lowered(detail, "taskDefinitionArn").rpartition("/")[2].partition(":")[0]
    owners = (group.partition(":")[2] or group, family)
    named = [each for each in containers if each.name in owners]
    if named:
        return named
    likeness = [_helper_likeness(each.name, lowered(each.detail, "image")) for each in containers]
    least = min(likeness)
    if least > 0:  # All look like helpers: one of them may be what the service is for.
        named = [each for each in containers if _is_part_of(each.name, owners)]
    if len(named) == 1:
        return named
    main = [each for each, like in zip(containers, likeness, strict=True) if like == least]
    # That a proxy exited with 0 does not show that the work is done.
    is_doubtful = least == 1 and all(each.exit_code == 0 for each in main)
    return containers if is_doubtful else main


def _is_part_of(name: str, owners: tuple[str, str]) -> bool:
    return any(o.startswith(f"{name}-") or o.endswith(f"-{name}") for o in owners if name)


@lru_cache(maxsize=256)
def _helper_likeness(name: str, image: str) -> int:
    """Return 0 for a container that looks like the task's work, and more the less it does."""
    names = f"{name} {image.partition('@')[0].rpartition('/')[2].partition(':')[0]}"
    if _has_word(names, _SIDECARS):
        return 3
    if is_init_container(name):
        return 2
    return int(_has_word(names, _EITHER) and not name.endswith(_WORK))


def is_init_container(name: str) -> bool:
    """Return whether a container, by its name, prepares others and then exits."""
    return _has_word(name, _INIT_CONTAINERS)


def _has_word(name: str, words: list[str]) -> bool:
    name = f"-{re.sub('[^a-z0-9]+', '-', name)}-"
    return any(f"-{word}-" in name for word in words)
