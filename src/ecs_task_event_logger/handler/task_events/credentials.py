"""Mask credentials in text. Few texts need it, so `fields` imports this module on demand."""

import re

MASK = "***"

# Names of settings that hold a credential. All patterns are bounded, so every search is fast.
NAME = (
    r"(?:pass(?:word|wd|phrase|code)?|pwd|token|api[_-]?key|access[_-]?key(?:[_-]?id)?"
    r"|(?:secret|private|encryption|account|signing)[_-]?(?:access[_-]?)?key"
    r"|[\w-]{1,40}[_-]secret|secret[_-]?string|credentials?|(?<![a-z])sig(?:nature)?)"
)
# A quoted value ends at the same quote, or where the text is cut off. In a text that is quoted
# itself, the quotes are escaped. The value's own backslashes come in escaped pairs.
_END = r"(?:(?:(?P=escape)\\){2})*+(?P=escape)(?P=quote)"
_VALUE = (
    r"""(?:(?P<escape>\\*)(?P<quote>["'])"""
    rf"""(?:(?!(?P=quote))[^\\]|(?!{_END})\\+(?P=quote)?)*+(?:{_END}|(?=(?P=quote))|\Z)"""
    r"""|[^\s,;&"']+)"""
)
# Words that continue a sentence: "token: unexpected status" holds no credential.
_PROSE = (
    r"(?<=\s)(?:[\"']?https?:|(?:not|no|failed|unexpected|invalid|expired|unauthorized|missing|must"
    r"|exit|check|post|get|head|dial)\b)"
)
# Each pattern needs a hint in `fields._HINTS`: a text without a hint is not searched.
_CREDENTIALS = [
    (re.compile(pattern), mask)
    for pattern, mask in (
        # AWS access key IDs
        (r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])", MASK),
        # tokens of GitHub, GitLab, Slack and Stripe; JSON web tokens
        (
            r"\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}"
            r"|sk_(?:live|test)_\w{10,})",
            MASK,
        ),
        (r"(?:(?<![\w-])eyJ[\w-]{5,}+|(?<=-)eyJ[\w-]{5,200}+)\.[\w-]++\.[\w-]*", MASK),
        (r"-----BEGIN[^-]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END|$)", MASK),
        # scheme://user:password@host, scheme://token@host
        (r"(?<=://)[^\s:/@'\"]{0,200}:[^\s'\"]{1,200}@(?=[\w.\[-])", MASK + "@"),
        (r"(?<=://)[^\s/@'\"]{1,200}@", MASK + "@"),
        # Authorization: …
        (r"(?i)(authorization\\*[\"']?\s*[=:]\s*\\*[\"']?)[^\r\n\"']+", r"\1" + MASK),
        (r"(?i)\b(bearer\s+)(?!auth|token)[\w.~+/=-]{6,}", r"\1" + MASK),
        # password=…, "token": "…"
        (
            rf"(?i)({NAME}(?:\\*[\"'])?\s*[=:]\s*\[?)(?!\*\*\*(?:\W|$)|arn:aws|{_PROSE}){_VALUE}",
            r"\1" + MASK,
        ),
        # secret=…, "secret": "…"; but not in an ARN
        (rf"(?i)(secret(?:\s*=\s*|\\*[\"']\s*[=:]\s*))(?!arn:aws){_VALUE}", r"\1" + MASK),
        # --token …, "--token", "…"
        (
            rf"(?i)(?<![\w-])(--?[\w-]{{0,60}}?(?:{NAME}|secret)(?![\w-])"
            rf"(?:\\*[\"']\s*,\s*|\s+)){_VALUE}",
            r"\1" + MASK,
        ),
    )
]


def mask_credentials(text: str) -> str:
    """Return the text with everything that looks like a credential masked."""
    for pattern, mask in _CREDENTIALS:
        text = pattern.sub(mask, text)
    return text
