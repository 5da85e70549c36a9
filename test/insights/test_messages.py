"""Messages: what EventBridge makes of them, and what Slack, Teams and Amazon Q accept."""

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import aws_cdk as cdk
import jsonschema
import pytest
from aws_cdk import aws_events as events
from slack_sdk.models.blocks import Block

from ecs_events import Event, deployment, instance, task_event
from ecs_task_event_logger import FailureMessage
from ecs_task_event_logger.handler.task_events import notification
from ecs_task_event_logger.handler.task_events.record import make_record
from input_transformer import render, variables_and_template

Make = Callable[..., events.RuleTargetInput]

MESSAGES: dict[str, Make] = {
    "text": FailureMessage.text,
    "slack": FailureMessage.slack,
    "teams": FailureMessage.teams,
    "chatbot": FailureMessage.chatbot,
}
FAILED = task_event({"name": "app", "exitCode": 1}, stoppedAt="2026-11-01T10:05:00Z")
LONGEST = 5000 * "x"
EVENTS = [
    FAILED,
    deployment("SERVICE_DEPLOYMENT_FAILED", "tasks failed to start.", "ERROR"),
    instance("ACTIVE", agentConnected=False),
    {"detail-type": "ECS Task State Change", "detail": {"lastStatus": "STOPPED"}},
    {
        **task_event(
            {"name": LONGEST, "exitCode": 1, "reason": LONGEST},
            clusterArn=f"x:cluster/{LONGEST}",
            group=f"service:{LONGEST}",
            taskArn=f"x:task/shop/{LONGEST}",
            stoppedReason='"},{"<!channel> https://evil.example [a](https://evil.example)\n',
        ),
        "account": LONGEST,
        "region": LONGEST,
        "time": LONGEST,
    },
]


@pytest.fixture(autouse=True)
def _region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """The logger has ``container_log_groups``."""
    monkeypatch.setattr(notification, "_HAS_LOG_LINES", True)


@pytest.mark.parametrize("make", MESSAGES.values(), ids=MESSAGES)
def test_inputs_are_within_the_limits_of_eventbridge(make: Make) -> None:
    # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html
    variables, template = variables_and_template(make(environment_name=40 * "x"))
    assert len(variables) <= 100
    assert len(template) <= 8192


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("make", MESSAGES.values(), ids=MESSAGES)
def test_message_is_valid_json_without_blanks(make: Make, event: Event) -> None:
    rendered = json.dumps(render(make(environment_name="production"), event))
    assert "production" in rendered
    assert '""' not in rendered
    assert "<" not in rendered
    assert len(rendered) < 25_000  # Teams accepts 28 kB, SNS 256 kB


LOGS: dict[str, Event] = {
    "tail": {
        "logTail": ["first", "second", "third", "last `line` <!channel> https://evil.example"]
    },
    "one line": {"logTail": ["last"]},
    "longest": {"logTail": [500 * "日"] * 8},
    "error": {"logTailError": "the log is empty"},
    "never ran": {},
}


@pytest.mark.parametrize("log", LOGS.values(), ids=LOGS)
@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("make", MESSAGES.values(), ids=MESSAGES)
def test_message_with_log_lines_is_valid_too(
    make: Make, event: Event, log: Event, log_lines: None
) -> None:
    rendered = json.dumps(render(make(), event, log=log), ensure_ascii=False)
    assert '""' not in rendered
    assert "<" not in rendered
    assert "://evil" not in rendered
    assert len(rendered.encode()) < 28_000
    shown = log.get("logTail", [log.get("logTailError", "no container log")])[-1][:5]
    assert shown in rendered


@pytest.mark.parametrize("make", MESSAGES.values(), ids=MESSAGES)
def test_message_without_container_logs_is_unchanged(make: Make) -> None:
    assert "no container log" not in json.dumps(render(make(), FAILED))


class TestText:
    def test_ends_with_the_last_log_lines(self, log_lines: None) -> None:
        text = render(FailureMessage.text(), FAILED, log=LOGS["tail"])
        assert " Last log lines: second / third / last 'line' (!channel) https:/ /evil" in text

    def test_says_what_where_why_and_what_to_do(self) -> None:
        text = render(FailureMessage.text(environment_name="production"), FAILED)
        assert text.startswith(
            "[production] Task failed: shop / web. web:6 STOPPED: application error in container "
            "app (exit code 1). Read the container"
        )
        assert (
            " Cluster shop, account 111122223333, region eu-west-1, 2026-11-01T10:05:00Z. " in text
        )
        assert "Logged events: https://eu-west-1.console.aws.amazon.com/cloudwatch/" in text
        assert "ECS console: https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/shop/" in text

    def test_has_no_brackets_without_an_environment(self) -> None:
        assert render(FailureMessage.text(), FAILED).startswith("Task failed: shop / web. ")


class TestSlack:
    @pytest.mark.parametrize("environment", [None, 40 * "x"])
    @pytest.mark.parametrize("event", EVENTS)
    def test_blocks_are_within_slacks_limits(self, event: Event, environment: str | None) -> None:
        message = render(FailureMessage.slack(environment_name=environment), event)
        blocks = message["blocks"]
        assert [block.to_dict() for block in Block.parse_all(blocks)] == blocks
        _, sentence, facts, remedy, _ = blocks
        texts = [sentence["text"], remedy["text"], *facts["fields"]]
        assert all(1 <= len(text["text"]) <= 2000 for text in texts)

    def test_has_header_sentence_facts_remedy_and_links(self) -> None:
        message = render(FailureMessage.slack(environment_name="production"), FAILED)
        header, sentence, facts, remedy, links = message["blocks"]
        record = make_record(FAILED)
        assert header["text"]["text"] == "[production] Task failed: shop / web"
        assert sentence["text"]["text"] == record["message"]
        assert [each["text"] for each in facts["fields"]] == [
            "*Cluster*\nshop",
            "*Service*\nweb",
            "*Account*\n111122223333",
            "*Region*\neu-west-1",
            "*Time*\n2026-11-01T10:05:00Z",
        ]
        assert remedy["text"]["text"] == record["remedy"]
        assert [each["text"]["text"] for each in links["elements"]] == [
            "Logged events",
            "ECS console",
        ]
        assert message["text"] == (
            f"[production] Task failed: shop / web. {record['message']}. {record['remedy']}"
        )

    @pytest.mark.parametrize("log", LOGS.values(), ids=LOGS)
    def test_code_block_has_the_last_log_lines(self, log: Event, log_lines: None) -> None:
        blocks = render(FailureMessage.slack(), FAILED, log=log)["blocks"]
        assert [block.to_dict() for block in Block.parse_all(blocks)] == blocks
        ((code,),) = [each["elements"] for each in blocks if each["type"] == "rich_text"]
        assert code["type"] == "rich_text_preformatted"
        ((text,),) = [code["elements"]]
        assert len(text["text"]) <= 1000
        if "logTail" in log:
            assert text["text"].split("\n")[0][:6] == log["logTail"][-3:][0][:6]

    def test_what_people_wrote_is_plain_text(self) -> None:
        _, sentence, facts, remedy, _ = render(FailureMessage.slack(), FAILED)["blocks"]
        for block in (sentence, remedy):
            assert block["text"]["type"] == "plain_text"
            assert block["text"]["emoji"] is False
        # Slack turns no name into a link or mention.
        assert all(each["verbatim"] for each in facts["fields"])


class TestTeams:
    @pytest.mark.parametrize("environment", [None, 40 * "x"])
    @pytest.mark.parametrize("event", EVENTS)
    def test_card_is_as_microsofts_schema_says(self, event: Event, environment: str | None) -> None:
        self.validate(render(FailureMessage.teams(environment_name=environment), event))

    @pytest.mark.parametrize("log", LOGS.values(), ids=LOGS)
    def test_card_with_log_lines_is_as_the_schema_says(self, log: Event, log_lines: None) -> None:
        self.validate(render(FailureMessage.teams(), FAILED, log=log))

    def validate(self, message: Event) -> None:
        (attachment,) = message["attachments"]
        assert message["type"] == "message"
        assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        schema = files("adaptive_cards").joinpath("schemas/schema-1.4.json").read_text()
        jsonschema.Draft7Validator(json.loads(schema)).validate(attachment["content"])

    def test_sentence_and_remedy_are_without_markdown(self) -> None:
        card = render(FailureMessage.teams(), FAILED)["attachments"][0]["content"]
        assert [each["type"] for each in card["body"]] == [
            "RichTextBlock",
            "RichTextBlock",
            "FactSet",
            "RichTextBlock",
        ]

    def test_links_lead_to_the_lines_and_the_task(self) -> None:
        card = render(FailureMessage.teams(), FAILED)["attachments"][0]["content"]
        lines, console = card["actions"]
        assert "#logsV2:logs-insights" in lines["url"]
        assert "/ecs/v2/clusters/shop/tasks/" in console["url"]


class TestChatbot:
    @pytest.mark.parametrize("event", EVENTS)
    def test_is_a_custom_notification(self, event: Event) -> None:
        message = render(FailureMessage.chatbot(environment_name=40 * "x"), event)
        assert (message["version"], message["source"]) == ("1.0", "custom")
        assert message["content"]["textType"] == "client-markdown"
        # https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
        assert len(message["content"]["title"]) <= 250
        assert len(message["content"]["description"]) <= 8000

    def test_says_where_and_what_to_do(self) -> None:
        content = render(FailureMessage.chatbot(), FAILED)["content"]
        assert content["title"] == "Task failed: shop / web"
        assert "\nAccount: 111122223333\nRegion: eu-west-1\n" in content["description"]
        remedy, lines, console = content["nextSteps"]
        assert remedy == make_record(FAILED)["remedy"]
        assert lines.startswith("Logged events: https://")
        assert console.startswith("ECS console: https://")


@pytest.mark.parametrize("make", MESSAGES.values(), ids=MESSAGES)
@pytest.mark.parametrize(
    ("name", "error", "problem"),
    [
        ("", ValueError, "environment_name is ''"),
        (41 * "x", ValueError, "Write 1 to 40 letters"),
        ("<!channel>", ValueError, "environment_name is '<!channel>'"),
        ('"', ValueError, "environment_name is"),
        (" ", ValueError, "environment_name is ' '"),
        (f"<!channel> {cdk.Aws.ACCOUNT_ID}", ValueError, "environment_name is '<!channel> x'"),
        (5, TypeError, "environment_name must be a string, got 5. Write 'production'"),
    ],
    # A token is not the same in every process.
    ids=["empty", "too long", "mention", "quote", "blank", "mention and token", "number"],
)
def test_rejects_an_environment_that_messages_cannot_show(
    make: Make, name: Any, error: type[Exception], problem: str
) -> None:
    with pytest.raises(error, match=problem):
        make(environment_name=name)


def test_environment_may_be_a_token() -> None:
    parameter = cdk.CfnParameter(cdk.Stack(cdk.App(), "Stack"), "Stage").value_as_string
    assert variables_and_template(FailureMessage.text(environment_name=parameter))
