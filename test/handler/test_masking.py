"""Masking of texts: nothing that must not be logged stays, and the rest stays readable."""

import json
import re
import time
from collections import defaultdict
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
from detect_secrets.core.scan import scan_line
from detect_secrets.settings import transient_settings
from hypothesis import HealthCheck, example, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from ecs_events import ROOT, SHARED, Event, shared_events, task_event
from ecs_task_event_logger.handler.task_events.credentials import (
    CREDENTIALS,
    read_credentials,
)
from ecs_task_event_logger.handler.task_events.fields import masked
from ecs_task_event_logger.handler.task_events.record import make_record
from ecs_task_event_logger.handler.task_events.serialize import to_line
from mutations import paths

# Attacks in twelve kinds and more, by people who knew SECURITY.md and not the code. The mark in the
# secrets keeps scanners for secrets from taking them for real ones.
MARK = "·"
DETAIL = {
    "group": "family:worker",
    "startedBy": "nightly",
    "attributes": [{"name": "ecs.cpu-architecture", "value": "arm64"}],
    "stopCode": "EssentialContainerExited",
    "stoppedReason": "Essential container in task exited",
}
ATTACKS = Path(__file__).with_name("attacks.jsonl")
READABLE = ATTACKS.with_name("readable.jsonl")
CASES = SHARED / "cases" / "redaction.jsonl"
# Texts of the stops in which something is masked, rightly.
JUSTIFIED = ["postgres://user:pass@host:5432/db connection refused"]
# A text of any shape takes at most this long on a machine that is ten times slower than ours.
SECONDS = 0.5


def attack_events() -> dict[str, list[Event]]:
    """Return the attacks by their kind, with a whole event each."""
    kinds: dict[str, list[Event]] = defaultdict(list)
    for line in ATTACKS.read_text(encoding="utf-8").splitlines():
        attack = json.loads(line.replace(MARK, ""))
        if "event" not in attack:
            image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/worker:41"
            container = {"name": "worker", "image": image, "exitCode": 1}
            detail = {**DETAIL, **attack["detail"]}
            event = task_event(container | attack.get("container", {}), **detail)
            attack["event"] = event | attack.get("head", {})
        kinds[attack["kind"]].append(attack)
    return kinds


def handed_cases() -> list[Event]:
    if not CASES.exists():
        return []
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    return [{**case, "full": case["format"] == "FULL"} for case in cases]


def texts(value: Any) -> list[str]:
    """Return all texts in a JSON value, also the keys."""
    if isinstance(value, dict):
        return [*value, *(text for item in value.values() for text in texts(item))]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [] if value is None else [str(value)]


def failures(attack: Event) -> list[str]:
    """Return what an attack finds in the line, and what it misses there."""
    line = to_line(make_record(attack["event"], attack.get("full", False)))
    decoded = "\n".join(texts(json.loads(line)))
    leaks = [each for each in attack["secret"] if each in line or each in decoded]
    missing = [each for each in attack["keep"] if each not in decoded and each not in line]
    return [f"{attack['why']}: leaks {each}" for each in leaks] + [
        f"{attack['why']}: lacks {each}" for each in missing
    ]


ATTACK_EVENTS = attack_events()
ALL = list(HealthCheck)
NO_FRAME = str.maketrans("", "", "«»")
SIGNS = st.sampled_from(["=", ": ", " => ", " := "])


@pytest.mark.parametrize("kind", ATTACK_EVENTS)
def test_attacks_neither_leak_nor_mask_too_much(kind: str) -> None:
    found = [failure for attack in ATTACK_EVENTS[kind] for failure in failures(attack)]
    assert not found


def test_security_page_names_the_numbers_of_attacks_and_readable_texts() -> None:
    page = " ".join((ROOT / "SECURITY.md").read_text(encoding="utf-8").split())
    for path in (ATTACKS, READABLE):
        number = len(path.read_text(encoding="utf-8").splitlines())
        assert f"`test/handler/{path.name}` holds {number:,}" in page


@pytest.mark.parametrize(
    "text",
    [
        "could not log in with correct-horse",
        "the password is swordfish",
        "container,environment_name,environment_value\\nworker,TENANT,velvet-anvil-8488",
    ],
)
def test_limits_that_the_security_page_names_are_limits(text: str) -> None:
    """If masking learns one of these, the page must no longer name it."""
    assert masked(text) == text


@pytest.mark.recorded
def test_handed_cases_neither_leak_nor_mask_too_much() -> None:
    assert not [failure for case in handed_cases() for failure in failures(case)]


BLOCKS = [block.split("\n") for block in CREDENTIALS.strip().split("\n\n")]


def examples(kind: str) -> list[str]:
    return [line[6:] for _, *lines in BLOCKS for line in lines if line.startswith(f"{kind}: ")]


class TestCredentials:
    """The table in `credentials`: each credential, with its examples."""

    @staticmethod
    def fill(example: str) -> str:
        """Fill in the random parts: `<30>`, `<30x>` (hexadecimal), `<30A>`, `<30d>` (digits)."""
        alphabets = {
            "": "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuV",
            "x": "0a1b2c3d4e5f6789",
            "A": "A2B3C4D5E6F7GHJK",
            "d": "1234567890",
        }

        def random(match: re.Match[str]) -> str:
            return "".join(islice(cycle(alphabets[match[2]]), int(match[1])))

        return re.sub(r"<(\d+)([xAd]?)>", random, example).replace("\\n", "\n")

    @pytest.mark.parametrize("example", examples("mask"))
    def test_masks_examples(self, example: str) -> None:
        filled = self.fill(example)
        text = filled.translate(NO_FRAME)
        expected = re.sub("«[^»]*»", "***", filled)
        assert masked(text) == expected, "are its hints in the table and in `fields`?"
        secrets = re.findall("«([^»]*)»", filled)
        assert not any(each in masked(f"failed: {text}") for each in secrets)

    @pytest.mark.parametrize("example", examples("keep"))
    def test_keeps_look_alikes(self, example: str) -> None:
        text = self.fill(example)
        assert masked(text) == text

    @pytest.mark.parametrize("block", read_credentials(), ids=lambda block: block[0])
    def test_each_text_that_a_pattern_finds_has_a_hint(
        self, block: tuple[str, list[str], list[str]]
    ) -> None:
        name, hints, patterns = block
        if not hints or name == "JSON web key":  # Its hint is a condition.
            return
        few = settings(max_examples=20, database=None, deadline=None, suppress_health_check=ALL)
        for pattern in patterns:
            texts_found = st.from_regex(pattern).filter(re.compile(pattern).search)
            with pytest.raises(NoSuchExample):
                find(texts_found, lambda t: not any(h in t.lower() for h in hints), settings=few)

    @pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block[0])
    def test_each_credential_has_patterns_and_an_example(self, block: list[str]) -> None:
        assert {line.split(": ")[0] for line in block[1:]} <= {"hint", "find", "mask", "keep"}
        assert any(line.startswith("find: ") for line in block)
        assert any(line.startswith("mask: ") for line in block)


class TestReadableTexts:
    @pytest.mark.parametrize(
        "path",
        [
            Path(__file__).with_name("stops.jsonl"),
            *(
                pytest.param(SHARED / name, marks=pytest.mark.recorded)
                for name in ("reasons-dev.jsonl", "cases/stops-2.jsonl", "cases/events-2.jsonl")
            ),
        ],
        ids=lambda path: path.name,
    )
    def test_texts_of_stops_are_not_masked(self, path: Path) -> None:
        stops = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        changed = [text for stop in stops for text in texts(stop) if masked(text) != text]
        assert set(changed) <= set(JUSTIFIED)

    def test_texts_near_secrets_are_not_masked(self) -> None:
        """Messages of programs that speak of passwords, tokens and keys, and hold none."""
        lines = READABLE.read_text(encoding="utf-8").splitlines()
        assert [text for text in map(json.loads, lines) if masked(text) != text] == []

    def test_texts_of_real_events_are_not_masked(self) -> None:
        for event in shared_events():
            detail = {key: item for key, item in event["detail"].items() if key != "overrides"}
            assert [text for text in texts(detail) if masked(text) != text] == []

    @pytest.mark.parametrize(
        "text",
        [
            "Essential container in task exited",
            "failed to fetch secret arn:aws:secretsmanager:us-east-1:1:secret:prod/db-Ab from asm",
            "arn:aws:secretsmanager:eu-west-1:1:secret:shop/db-a1B2c3:password:AWSCURRENT:",
            "unable to pull secrets or registry auth: execution resource retrieval failed",
            "no basic auth credentials",
            "Get https://registry-1.docker.io/v2/: dial tcp: i/o timeout",
            "did not contain json key PASSWORD",
            "failed to fetch anonymous token: unexpected status from GET request",
            'failed to fetch oauth token: Post "https://auth.docker.io/token": dial tcp',
            "credentials: not found",
            'FATAL: password authentication failed for user "shop"',
            "Access denied for user 'shop'@'10.0.1.7' (using password: YES)",
            "ExpiredToken: The security token included in the request is expired",
            "may require authorization: server message: insufficient_scope: authorization failed",
            'Www-Authenticate: Bearer realm="https://auth.docker.io/token",service="registry"',
            "pull registry.example.com/shop/token-service:41@sha256:" + "0a1b2c3d" * 8,
            "dial tcp password-vault.prod.svc:8200: connect: connection refused",
            "at com.shop.SecretLoader.load(SecretLoader.java:42)",
            "exec /usr/local/bin/docker-entrypoint.sh: exec format error",
            'exec: "env": executable file not found in $PATH',
            "sh: 1: command: not found",
            "SSL_KEY_FILE=/etc/tls/tls.key TOKEN_TTL=3600 PASSWORD_MIN_LENGTH=12 are set",
            "prompt tokens: 4096, completion tokens: 512",
            "SignatureDoesNotMatch: Signature expired: 20261120T075000Z is now earlier",
            "grant_type=client_credentials: unauthorized_client",
            "http://${DB_USER}:${DB_PASSWORD}@db:5432 was not expanded",
            "https://host.example.com:8080/users?mail=me@example.com",
            "git@github.com:shop/worker.git",
            "@shop/worker@1.2.3 is not in this registry",
            "[FATAL] unknown command line option",
        ],
    )
    def test_keeps_texts_that_only_mention_secrets(self, text: str) -> None:
        assert masked(text) == text

    def test_diagnosis_reads_the_unmasked_text(self) -> None:
        reason = 'CannotStartContainerError: password="OutOfMemoryError: out of memory"'
        secret = make_record(task_event({"name": "app", "exitCode": 137, "reason": reason}))
        assert secret["cause"] == "OUT_OF_MEMORY"
        assert "password='***'" in secret["message"]


class TestSettings:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("key AKIAIOSFODNN7EXAMPLE is not valid", "key *** is not valid"),
            ("ASIAIOSFODNN7EXAMPLE", "***"),
            ("password=hunter2 failed", "password=*** failed"),
            ("Password: hunter2, user: me", "Password: ***, user: me"),
            ('{"password": "hunter 2", "user": "me"}', '{"password": "***", "user": "me"}'),
            ("DB_PASSWORD='hunter2'", "DB_PASSWORD='***'"),
            ("postgres://me:hunter2@db:5432/shop", "postgres://***@db:5432/shop"),
            ("https://token@github.com/shop", "https://***@github.com/shop"),
            ("Authorization: Bearer eyJhbGciOi.abc.def", "Authorization: Bearer ***"),
            ("authorization=Basic aHVudGVyMg==", "authorization=Basic ***"),
            ("api_key=hunter2&x=1", "api_key=***&x=1"),
            ("secret=hunter2", "secret=***"),
            ("aws_secret_access_key = hunter2", "aws_secret_access_key = ***"),
            ("--token hunter2 --verbose", "--token *** --verbose"),
            ("--password=hunter2", "--password=***"),
            ('["--password", "hunter2"]', '["--password", "***"]'),
            ("AKIAABCDEFGHIJKLMNOP", "***"),
            ("key_ASIAABCDEFGHIJKLMNOP", "key_***"),
            ("client_secret: hunter2", "client_secret: ***"),
            ("SECRET_KEY=hunter2", "SECRET_KEY=***"),
            ("AccountKey=hunter2;", "AccountKey=***;"),
            ('password="hun\\"ter2" x', 'password="***" x'),
            ('{"password": ["hunter2"]}', '{"password": [***]}'),
            ("://me:hun@ter2@db/", "://***@db/"),
            ("https://a/b?sig=hunter2&x", "https://a/b?sig=***&x"),
            ("bearer abcdefghijk", "bearer ***"),
            ("ghp_abcdefghijklmnopqrst", "***"),
            ("xoxb-1234567890-abc", "***"),
            ("eyJhbGciOiJIUzI1.eyJzdWIi.sig", "***"),
            ("-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END", "***"),
            ('{\\"password\\":\\"hunter 2\\",\\"a\\":1}', '{\\"password\\":\\"***\\",\\"a\\":1}'),
            (
                '{\\\\\\"token\\\\\\":\\\\\\"hun ter2\\\\\\"}',
                '{\\\\\\"token\\\\\\":\\\\\\"***\\\\\\"}',
            ),
            ('"--token=\\"hunter 2\\" --x"', '"--token=\\"***\\" --x"'),
            ('password=\\"hun\\\\\\"ter 2\\" x', 'password=\\"***\\" x'),
            ('--token "ends\\\\" --password "hunter 2"', '--token "***" --password "***"'),
            ('password="C:\\\\" user="bob"', 'password="***" user="bob"'),
            (
                '--token \\"ends\\\\\\\\\\" --password \\"hunter 2\\"',
                '--token \\"***\\" --password \\"***\\"',
            ),
            ('{"password":"hunter 2', '{"password":"***'),
            ('run {\\"password\\":\\"hunter 2', 'run {\\"password\\":\\"***'),
            ("run --password 'hunter 2", "run --password '***"),
            ('["--password","hunter 2', '["--password","***'),
            ('password="hunter 2\\', 'password="***'),
        ],
    )
    def test_masks_in_place(self, text: str, expected: str) -> None:
        assert masked(text) == expected

    @pytest.mark.parametrize(
        "text",
        [
            *("password=«»", "Password: «», user: me", "DB_PASSWORD='«»'", "PW: «»", "pwd = `«»`"),
            *(
                "clientSecret: «»",
                "API key: «»",
                "api_key=«»&x=1",
                "access_key => «»",
                "token := «»",
            ),
            *("db.password.primary=«»", "SECRET_KEY_BASE=«»", "token is: «»", "--token «» -v"),
            *('{"password": "«»", "user": "me"}', '["--password", "«»"]', "password => '«»'"),
            *(
                "<password>«»</password>",
                '<add key="DbPassword" value="«»" />',
                "PWD={«»};Server=x",
            ),
            *("'--password=two «»' next", r"{\"password\":\"«»\",\"a\":1}", "| PASSWORD | «» |"),
            *(r"{\\\"token\\\":\\\"«»\\\"}", "headers X-Api-Key: «»", "**Password:** `«»`"),
            *("Set-Cookie: sid=«»; Path=/", "https://a/b?X-Amz-Signature=«»&X-Amz-Expires=9"),
            *(
                "password%3D«»%26user%3Dme",
                "&quot;password&quot;:&quot;«»&quot;",
                "\uff50assword\uff1d«»",
            ),
            *(
                "\x1b[1mpassword\x1b[0m: «» x",
                "pass\u200bword=«»",
                r"\u0022token\u0022:\u0022«»\u0022",
            ),
        ],
    )
    def test_masks_the_value_after_a_secret_name(self, text: str) -> None:
        for secret in ("Hun7er2xQ9", "a1b2c3d4e5f6"):
            logged = masked(text.replace("«»", secret))
            assert secret not in logged
            assert "***" in logged

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("password=hunter2 failed", "password=*** failed"),
            ('{"password": "hunter 2", "user": "me"}', '{"password": "***", "user": "me"}'),
            ('password="hun\\"ter2" x', 'password="***" x'),
            ("api_key=hunter2&x=1", "api_key=***&x=1"),
            ("password=a,b;c user=me", "password=*** user=me"),
            (r'--token "ends\\" --password "hunter 2"', '--token "***" --password "***"'),
            (r'password="C:\\" user="bob"', 'password="***" user="bob"'),
            ("PWD={a;b c}}d};Server=db", "PWD={***};Server=db"),
            # cut off, as ECS does with long texts
            ('{"password":"hunter 2', '{"password":"***'),
            (r"run {\"password\":\"hunter 2", r"run {\"password\":\"***"),
            ("run --password 'hunter 2", "run --password '***"),
            (f'password="{"hunter 2 " * 600}" x', 'password="***" x'),
        ],
    )
    def test_value_ends_where_its_notation_ends_it(self, text: str, expected: str) -> None:
        assert masked(text) == expected


SHAPES = [
    *("key", "key--a", "token ", 'secret"', "://", "://a:", "password=", 'token="', "a_", "a."),
    *("-----BEGIN PRIVATE KEY-----", "authorization:", "eyJ--", "eyJaaaaa.", "<password>"),
    *('token="\\', "token='\\\"", 'token\\"', "token" + "\\" * 400, "\\", '"', "'", "[", "("),
    *("environment:\n", 'environment: ["', 'command=["a"],', "name=A,value=b,", '"value":"'),
    *("%41", "%2541", "&quot;", "\\u0041", "\u200b", "\x1b[1m", "a:b@c.d ", "export A=b "),
    *(
        "mysql -p",
        "curl -u a:b ",
        "docker login ",
        "-u a -p b ",
        "echo a | ",
        "KeyValuePair(A,",
    ),
    *("SG.", "hvs.", "MII" + "A" * 60, "A" * 64 + "\n", "connect('a', ", "password value="),
    *("| environment |\n", "|a|\n", "KEY=", "é", "İ", "x" * 17, "0123456789abcdef", " ", "\n"),
]


class TestLongAndHostileTexts:
    @pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape[:14])
    def test_any_shape_of_256_kilobytes_is_fast(self, shape: str) -> None:
        text = (shape * (262_144 // len(shape) + 1))[:262_144]
        masked(text[:100])  # compiles patterns
        started = time.process_time()
        masked(text)
        assert time.process_time() - started < SECONDS

    @given(
        st.lists(st.sampled_from([*SHAPES, *(h for b in BLOCKS for h in b)])),
        st.integers(1, 60),
    )
    @example(['token="\\', "key-", "curl -u a:b "], 40)
    def test_no_mixture_of_shapes_backtracks(self, shapes: list[str], times: int) -> None:
        text = ("".join(shapes) * times)[:6000]
        started = time.process_time()
        masked(text)
        assert time.process_time() - started < 2 * SECONDS

    def test_rest_of_a_very_long_text_is_masked_as_a_whole(self) -> None:
        text = "password=hunter2 " + "x " * 5_000
        assert masked(text).startswith("password=*** x x x")
        assert masked(text).endswith(" *** (4017 characters)")

    def test_very_long_text_without_a_hint_stays(self) -> None:
        for text in ("é" * 300_000, "x y " * 50_000, "[" * 50_000):
            assert masked(text) == text

    @given(st.text())
    def test_masks_any_text_without_an_error(self, text: str) -> None:
        for each in (text, f"password={text}", f'{{"environment":[{text}', f"%{text}\\u00{text}"):
            masked(each)

    @given(st.from_regex(r"[A-Z][a-z]{2}\d[\w!#$%*+/=?@^{}~;:,. -]{4,40}\d", fullmatch=True), SIGNS)
    def test_masks_any_quoted_password(self, secret: str, sign: str) -> None:
        for quote in "\"'":
            assert secret not in masked(f"x DB_PASSWORD{sign}{quote}{secret}{quote} y")

    @given(st.sampled_from([each for kind in ATTACK_EVENTS.values() for each in kind]))
    def test_masking_twice_masks_no_more(self, attack: Event) -> None:
        for text in texts(attack["event"]):
            assert masked(masked(text)).count("***") <= masked(text).count("***") + 1


class TestEveryField:
    SECRET = "ghp_" + "a1B2c3D4" * 5
    # Only EventBridge and ECS write these.
    UNFORGEABLE = ("id", "time", "account", "region", "version", "taskArn")

    @pytest.mark.parametrize("full", [False, True])
    def test_credential_in_any_field_is_masked(self, full: bool) -> None:
        for event in [each["event"] for each in ATTACK_EVENTS["other-fields"]]:
            for path in paths(event):
                if path[-1] in self.UNFORGEABLE and not full:
                    continue
                changed = json.loads(json.dumps(event))
                holder: Any = changed
                for key in path[:-1]:
                    holder = holder[key]
                if not isinstance(holder[path[-1]], str):
                    continue
                holder[path[-1]] = f"{holder[path[-1]]} {self.SECRET}"
                logged = to_line(make_record(changed, full))
                if path[-1] not in self.UNFORGEABLE:
                    assert self.SECRET not in logged, path


@pytest.mark.security
def test_scanner_for_secrets_finds_nothing_in_ten_thousand_lines() -> None:
    """detect-secrets finds at most the frames of keys in the lines of hostile events."""
    plugins = [
        *("ArtifactoryDetector", "AWSKeyDetector", "AzureStorageKeyDetector", "BasicAuthDetector"),
        *(
            "DiscordBotTokenDetector",
            "GitHubTokenDetector",
            "GitLabTokenDetector",
            "JwtTokenDetector",
        ),
        *("KeywordDetector", "MailchimpDetector", "NpmDetector", "OpenAIDetector", "SlackDetector"),
        *("PrivateKeyDetector", "PypiTokenDetector", "SendGridDetector", "SquareOAuthDetector"),
        *("StripeDetector", "TelegramBotTokenDetector", "TwilioKeyDetector"),
    ]
    attacks = [attack for kind in ATTACK_EVENTS.values() for attack in kind]
    filled = [TestCredentials.fill(each).translate(NO_FRAME) for each in examples("mask")]
    events = [(attack["event"], full) for attack in attacks for full in (False, True)]
    for number in range(10_000 - len(events)):
        reason = f"{number}: {filled[number % len(filled)]} in line {number}"
        events.append((task_event({"name": "app", "exitCode": 1, "reason": reason}), False))
    found = []
    with transient_settings({"plugins_used": [{"name": name} for name in plugins]}):
        for event, full in events:
            for secret in scan_line(to_line(make_record(event, full))):
                value = secret.secret_value or ""
                if not re.fullmatch("BEGIN.*PRIVATE KEY.*|PuTTY-User-Key.*", value):
                    found.append((secret.type, value))
    assert len(events) == 10_000
    assert not found
