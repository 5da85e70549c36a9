"""Quote the decisive part of a text of ECS, or of a user.

Only stops with a text need this, so `explanation` imports it on demand.
"""

import re

from .cause import Cause
from .fields import masked

# The most characters of a text in a message, if it has a place to cut it.
_EXCERPT = 220
# The most characters that are searched for noise: no text may take long.
_LONGEST = 4000
# Words of clauses that stay if a long text is cut.
_DECISIVE = ("accessdenied", "not authorized", "connection issue", "the task cannot")

# Parts of ECS's texts without information, and what replaces them.
_REWRITES = (
    (r"^(?:(?:Cannot\w+|ResourceInitialization)Error: )+|Error response from daemon: ", ""),
    (r"(?:service call|pull image manifest) has been retried \d+ time\(s\): ", ""),
    (r"\s*has been retried \d+ time\(s\)", ""),
    (r"unable to pull secrets or registry auth: (?=.{60})", ""),
    (r"(?:execution resource retrieval failed|service call): (?=.{60})", ""),
    (r"(?i),? ?(?:status code: \d+, )?request id: [\w-]+,?", ""),
    (r":? ?unsuccessful EFS utils command execution; code: \d+", ""),
    (r"[.,]? See https?://\S+ for more details?.*", ""),
    (r"^Task failed ELB health checks in ", ""),
    (r"\(?(?:target-group )?arn:[\w:-]+:targetgroup/([\w-]+)/\w+\)?", r"target group \1"),
    (r" due to \(reason Health checks failed with these codes: \[([\d, ]+)\]\)", r", codes \1"),
    (r" due to \(reason (.+)\)$", r", \1"),
)
# The resource that a text is about, which is often far from its end.
_SUBJECTS = {
    Cause.SECRETS: re.compile(r":(?:secret:|parameter/)([\w/+=.@-]+)|parameters?:? \[?(/[\w/.-]+)"),
    Cause.LOG_DRIVER: re.compile(r"log ?group(?: name)?[:= ]+'?([\w/.#-]{3,})", re.I),
    Cause.STORAGE: re.compile(r"\b((?:fs|vol|fsap)-[0-9a-f]{8,})\b"),
}


def quote(cause: Cause, text: str) -> str:
    """Return the decisive part of a text, masked: without noise, and its end if it is long."""
    text = _on_one_line(text)
    subject = _SUBJECTS[cause].search(text) if cause in _SUBJECTS else None
    name = next(filter(None, subject.groups()), "") if subject else ""
    words = _excerpt(text)
    return f"{name}: {words}" if name and name not in words else words


def quote_user(text: str) -> str:
    """Return the words of a user, masked: their beginning if they are long."""
    return _shortened(_on_one_line(text))


def _on_one_line(text: str) -> str:
    # Masked first: what is cut, or between two rewrites, may no longer look like a credential.
    return " ".join(masked(text)[:_LONGEST].split())


def _excerpt(text: str) -> str:
    for pattern, replacement in _REWRITES:
        text = re.sub(pattern, replacement, text)
    text = text.strip(" :")
    if len(text) <= _EXCERPT:
        return text
    clauses = text.split(": ")
    kept = clauses.pop()
    while clauses and len(clauses[-1]) + len(kept) <= _EXCERPT:
        kept = f"{clauses.pop()}: {kept}"
    for clause in clauses:
        if any(word in clause.lower() for word in _DECISIVE):
            return _shortened(f"{clause}: {kept}")
    return _shortened(kept)


def _shortened(text: str) -> str:
    return text if len(text) <= 2 * _EXCERPT else f"{text[: 2 * _EXCERPT]}…"
