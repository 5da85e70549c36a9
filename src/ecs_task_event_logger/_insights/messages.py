"""Messages for people: what failed, where, why, what to do, and links."""

import re
from collections.abc import Callable
from typing import Any

from aws_cdk import aws_events as events
from constructs import Construct

from .._common.validation import shown

RECORD = "$.detail.responsePayload"

# It comes before the title, and Slack accepts headers of 150 characters.
_ENVIRONMENT = re.compile(r"(?! )[\w .,:/()&+#-]{1,40}(?<! )")

_TOKEN = re.compile(r"\$\{Token\[[^\]]*\]\}")

_LINES, _CONSOLE = "Logged events", "ECS console"

# Set on loggers that read container logs. Their rules are below them in the construct tree.
_LOG_LINES = "ecs-task-event-logger:log-lines"


def show_log_lines_below(scope: Construct) -> None:
    """Let the messages of all rules below a construct have the last lines of container logs.

    Call this before the construct has children.
    """
    scope.node.set_context(_LOG_LINES, True)


class _Message(events.RuleTargetInput):
    """A message that has the last lines of a container's log, if the rule's logger reads them."""

    def __init__(
        self, write: Callable[[str, bool], events.RuleTargetInput], environment_name: str | None
    ) -> None:
        """Keep the function that writes the message, with these lines or without."""
        super().__init__()
        self._write = write
        self._title = _title(environment_name)

    def bind(self, rule: Any) -> events.RuleTargetInputProperties:
        """Return the message for a rule."""
        has_log_lines = rule.node.try_get_context(_LOG_LINES) is not None
        return self._write(self._title, has_log_lines).bind(rule)


class FailureMessage:
    """Messages about a failure, for the targets of notifications.

    ```python
    log.on_failure(
        "Tell",
        target=targets.SnsTopic(
            topic, message=FailureMessage.text(environment_name="production")
        ),
    )
    ```

    Each message says what failed, in which cluster, account and region, why, and what to do. Its
    links lead to the lines of the same task or service in CloudWatch Logs Insights, and to the
    task, service or instance in the ECS console. ECS shows a stopped task for about an hour, the
    lines stay as long as the log group keeps them.

    With ``container_log_groups``, a message has the last three lines of the container's log too.

    What people wrote cannot mention anybody, and a space splits its URLs: the messages hold no
    angle brackets, quotes, backslashes or control characters. A mail program or chat may still
    guess that a bare host name is a link. Amazon Q reads asterisks and underscores as formatting.
    """

    @staticmethod
    def record() -> events.RuleTargetInput:
        """Return the whole record, with what the messages say beyond it under ``notification``.

        This is the default for the ``target`` of a notification. A target that you add to the rule
        yourself gets Lambda's whole event by default. That event holds the ECS event with the
        environment and the commands of overrides in clear text.
        """
        return events.RuleTargetInput.from_event_path(RECORD)

    @staticmethod
    def text(*, environment_name: str | None = None) -> events.RuleTargetInput:
        """Return plain text in one line, for example for e-mail.

        Args:
            environment_name: A name for the account or stage, such as ``production``, of up to 40
                characters. By default messages have the account's ID and the region only.

        Raises:
            TypeError: If it is not a string.
            ValueError: If it is empty or too long, or holds other characters than letters, digits,
                spaces and ``.,:/()&+#-_``.
        """
        return _Message(_text, environment_name)

    @staticmethod
    def slack(*, environment_name: str | None = None) -> events.RuleTargetInput:
        """Return a message with blocks for Slack's incoming webhooks, and with plain text.

        Source: Slack's documentation,
        <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.

        Args:
            environment_name: As for ``text``.

        Raises:
            TypeError, ValueError: As ``text`` does.
        """
        return _Message(_slack, environment_name)

    @staticmethod
    def teams(*, environment_name: str | None = None) -> events.RuleTargetInput:
        """Return an Adaptive Card for a webhook of Workflows in Microsoft Teams.

        Source: Microsoft's documentation,
        <https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook>.

        Args:
            environment_name: As for ``text``.

        Raises:
            TypeError, ValueError: As ``text`` does.
        """
        return _Message(_teams, environment_name)

    @staticmethod
    def chatbot(*, environment_name: str | None = None) -> events.RuleTargetInput:
        """Return a custom notification for Amazon Q Developer in chat applications (AWS Chatbot).

        The target is an SNS topic with a chat channel as a subscriber.

        Source: AWS documentation,
        <https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html>.

        Args:
            environment_name: As for ``text``.

        Raises:
            TypeError, ValueError: As ``text`` does.
        """
        return _Message(_chatbot, environment_name)


def _text(title: str, has_log_lines: bool) -> events.RuleTargetInput:
    log_lines = f" Last log lines: {_field('logLines')}." if has_log_lines else ""
    return events.RuleTargetInput.from_text(
        f"{_summary(title)}{log_lines} Cluster {_field('cluster')}, {_where()}. "
        f"{_LINES}: {_field('linesUrl')} {_CONSOLE}: {_field('consoleUrl')}"
    )


def _slack(title: str, has_log_lines: bool) -> events.RuleTargetInput:
    facts = [
        {"type": "mrkdwn", "text": f"*{name}*\n{value}", "verbatim": True}
        for name, value in _facts()
    ]
    links = [
        {"type": "button", "text": _plain_text(text), "url": _field(url)}
        for text, url in ((_LINES, "linesUrl"), (_CONSOLE, "consoleUrl"))
    ]
    code = []
    if has_log_lines:
        lines = {"type": "text", "text": "\n".join(_log_lines())}
        block = {"type": "rich_text_preformatted", "elements": [lines]}
        code = [{"type": "rich_text", "elements": [block]}]
    return events.RuleTargetInput.from_object(
        {
            "text": _summary(title),
            "mrkdwn": False,
            "unfurl_links": False,
            "blocks": [
                {"type": "header", "text": _plain_text(title)},
                {"type": "section", "text": _plain_text(_field("message"))},
                *code,
                {"type": "section", "fields": facts},
                {"type": "section", "text": _plain_text(_field("remedy"))},
                {"type": "actions", "elements": links},
            ],
        }
    )


def _teams(title: str, has_log_lines: bool) -> events.RuleTargetInput:
    facts = [{"title": name, "value": value} for name, value in _facts()]
    code = []
    if has_log_lines:
        lines = [_text_run(line, fontType="Monospace") for line in _log_lines()]
        code = [{"type": "Container", "style": "emphasis", "items": lines}]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": _summary(title),
        "body": [
            _text_run(title, size="Large", weight="Bolder"),
            _text_run(_field("message")),
            *code,
            {"type": "FactSet", "facts": facts},
            _text_run(_field("remedy")),
        ],
        "actions": [
            {"type": "Action.OpenUrl", "title": text, "url": _field(url)}
            for text, url in ((_LINES, "linesUrl"), (_CONSOLE, "consoleUrl"))
        ],
    }
    return events.RuleTargetInput.from_object(
        {
            "type": "message",
            "attachments": [
                {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
            ],
        }
    )


def _chatbot(title: str, has_log_lines: bool) -> events.RuleTargetInput:
    facts = [f"{name}: {value}" for name, value in _facts()]
    code = ["```", *_log_lines(), "```"] if has_log_lines else []
    return events.RuleTargetInput.from_object(
        {
            "version": "1.0",
            "source": "custom",
            "content": {
                "textType": "client-markdown",
                "title": title,
                "description": "\n".join([_field("message"), *code, *facts]),
                "nextSteps": [
                    _field("remedy"),
                    f"{_LINES}: {_field('linesUrl')}",
                    f"{_CONSOLE}: {_field('consoleUrl')}",
                ],
            },
            "metadata": {"summary": title},
        }
    )


def _summary(title: str) -> str:
    return f"{title}. {_field('message')}. {_field('remedy')}"


def _title(environment_name: str | None) -> str:
    environment = _validate_environment(environment_name)
    return f"[{environment}] {_field('title')}" if environment else _field("title")


def _facts() -> list[tuple[str, str]]:
    """Return the names and values of the facts that tell where it was."""
    return [
        ("Cluster", _field("cluster")),
        (_field("kind"), _field("name")),
        ("Account", _field("account")),
        ("Region", _field("region")),
        ("Time", _field("time")),
    ]


def _log_lines() -> list[str]:
    """Return the last lines, one in each field: EventBridge would not escape a line break."""
    return [_field(f"logLine{number}") for number in (1, 2, 3)]


def _where() -> str:
    return f"account {_field('account')}, region {_field('region')}, {_field('time')}"


def _field(name: str) -> str:
    return events.EventField.from_path(f"{RECORD}.notification.{name}")


def _plain_text(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _text_run(text: str, **style: str) -> dict[str, Any]:
    """Return a text without Markdown, which a TextBlock would have."""
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}


def _validate_environment(name: Any) -> str | None:
    if name is None:
        return None
    if not isinstance(name, str):
        raise TypeError(
            f"environment_name must be a string, got {shown(name)}. Write 'production', for "
            "example."
        )
    known = _TOKEN.sub("x", name)
    if not _ENVIRONMENT.fullmatch(known):
        raise ValueError(
            f"environment_name is {known!r}, of {len(known)} characters. Write 1 to 40 letters, "
            "digits, spaces between words and .,:/()&+#-_ such as 'production'."
        )
    return name
