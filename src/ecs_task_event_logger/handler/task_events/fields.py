"""Read fields of an event: copy those of a documented type, and mask credentials."""

from .modules import load

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .aliases import Json, Record

# The types that ECS documents. Fields that are not listed are texts.
_TYPES: dict[str, type] = {
    **dict.fromkeys(("version", "exitCode", "desiredCount", "containerPort"), int),
    **dict.fromkeys(("runningTasksCount", "pendingTasksCount"), int),
    **dict.fromkeys(("capacityProviderArns", "containerInstanceArns", "ec2InstanceIds"), list),
    **dict.fromkeys(("taskArns", "taskSetArns", "targetGroupArns", "serviceRegistryArns"), list),
    "agentConnected": bool,
}
# Texts that need no mask, up to a length.
_unsuspicious: set[str] = set()
_MOST = 256
_SHORT = 200
# The most characters of a text that are searched. Errors start with what went wrong, and no text
# may take long to search.
_LONG_ENOUGH = 4000
# IDs, numbers and times consist of these.
_IN_IDS = "0123456789abcdef-:.TZ"
# Every text that has something to mask holds one of these, or a word that looks random. They are
# cheap to find; patterns are not. A text, because Lambda compiles lists more slowly.
_HINTS = (  # noqa: SIM905
    "=|key|pass|pw|p4ss|p@ss|w0rd|s s w|kennwort|wacht|senha|hasło|lösenord|contrase|пароль"
    "|パスワード|密码|密碼|비밀번호|secret|token|cred|signature|auth|bearer|cookie|session|sid:|otp|pin:|ldap|openssl"
    "|net use|sudo|declare|typeset|ipmi|snmp|keytool|smbclient"
    "|mfa|5432:|code=|login|scram|sequelize|construct(|override|identified|env|ommand|cmd|entry"
    "|args|value|export |setx|set |://"
    "| -p| -a| -u| -e|$env|\\|%|&"
).split("|")
# The same for texts with a word of fifteen characters or more.
_PREFIXES = (  # noqa: SIM905
    "akia|asia|a3t|abia|acca|ghp_|gho_|ghu_|ghs_|ghr_|github_|glpat-|gldt-|glrt-|glft-|glcbt-|glimt-"
    "|glptt-|gloas-|xox|xapp-|sk_live|sk_test|rk_live|whsec_|rzp_|shp|aiza|ya29.|gocspx|hf_|hvs.|npm_"
    "|pypi-|dckr_|ltai|akid|avns_|scw|eyj|atatt|_v1_|sg.|sq0|sq_|sqp_|squ_|sqa_|dapi|tskey-|sk-proj"
    "|sk-ant|sk-or|fm2_|nrak-|pul-|glc_|glsa_|sbp_|age-secret|a3-|amzn.|sdk-|mob-|sgp_|sntry|pmak-"
    "|rubygems_|bkua_|flwseck|v1.0-|-us|key-|ghsa|glagent-|glsoat-"
).split("|")
_TOKEN = 15
_PUNCTUATION = dict.fromkeys(map(ord, "-_.,:;()[]{}'\"`/="), " ")


def copy_fields(source: "Record", keys: "Iterable[str]", record: "Record") -> bool:
    """Copy fields to the record and return whether each has the type that ECS documents."""
    understood = True
    for key in keys:
        value: Json = source.get(key)
        if value is None:
            continue
        kind = type(value)
        if kind is str and key not in _TYPES:
            if value:
                record[key] = value if value in _unsuspicious else masked(value)
        elif kind is not _TYPES.get(key):
            understood = understood and not value
        elif kind is not list and value.bit_length() < 64:
            record[key] = value
        elif kind is list and all(type(item) is str for item in value):
            if value:
                record[key] = [masked(item) for item in value]
        else:
            understood = False
    return understood


def masked(text: str) -> str:
    """Return a text without quoted overrides and credentials: ``***`` stands in their places."""
    if text in _unsuspicious or not text.strip(_IN_IDS):
        return text
    if text.isascii() and text.isprintable() and not has_hint(text):
        if len(text) <= _SHORT:
            # Images, reasons and names come again and again. Long texts do not, and take memory.
            if len(_unsuspicious) == _MOST:
                _unsuspicious.clear()
            _unsuspicious.add(text)
        return text
    masked_text: str = load("masking").mask(text)
    return masked_text


def has_hint(text: str) -> bool:
    """Return whether a text holds a word that is near a secret, or looks like one."""
    contains = text.lower().__contains__
    if any(map(contains, _HINTS)) or text.count("@") > text.count("@sha256:"):
        return True
    words = [word for word in text.split() if len(word) >= _TOKEN]
    return bool(words) and (any(map(contains, _PREFIXES)) or any(map(_looks_random, words)))


def _looks_random(word: str) -> bool:
    pieces = word.translate(_PUNCTUATION).split()
    return any(
        len(each) >= _TOKEN and not each.isalpha() and each.strip(_IN_IDS) for each in pieces
    )


def text(source: "Record", key: str) -> str:
    """Return a field that is a text, or an empty text."""
    value = source.get(key)
    return value if type(value) is str else ""


def lowered(source: "Record", key: str) -> str:
    """Return a text of a task or container in lower case, up to the length that is searched."""
    return text(source, key)[:_LONG_ENOUGH].lower()


def objects(items: "Json") -> "list[Record]":
    """Return the JSON objects in a list, or none if it is no list."""
    return [each for each in items if type(each) is dict] if type(items) is list else []


def resource_arn(event: "Record") -> str:
    """Return the ARN of the first resource in an event, or an empty text."""
    resources = event.get("resources")
    first = resources[0] if type(resources) is list and resources else None
    return first if type(first) is str else ""


def resource_name(arn: object) -> str:
    """Return the last part of an ARN: a cluster's name, a task's ID, ``family:revision``."""
    return arn.rpartition("/")[2] if type(arn) is str else ""
