"""Tell names of settings that hold a secret from names that only mention one."""

import re
from functools import lru_cache

# Words that make a name secret wherever they stand in it. Texts, because Lambda compiles lists
# more slowly.
_SECRET = """
password passwords passwd passphrase passcode passkey passwort passe pass pwd pw psw pswd kennwort
wachtwoord contraseña senha hasło lösenord пароль パスワード 密码 密碼 비밀번호 secret secrets token
tokens credential credentials cred creds signature sig otp totp mfa pin sid masterauth
jsessionid phpsessid sessid sessionid csrf xsrf
""".split()  # noqa: SIM905
# The same at the end of a longer word: `requirepass`, `dbpassword`, `clientsecret`.
_ENDINGS = (
    *("password", "passwd", "passphrase", "secret", "token", "pass", "pwd", "apikey", "accesskey"),
    *("secretkey", "privatekey", "authkey", "accountkey", "masterkey", "signature"),
)
_NO_ENDINGS = ("bypass", "compass", "encompass", "trespass", "surpass", "overpass", "underpass")
_BEGINNINGS = ("password", "passwd", "apikey", "accesskey")
# What makes a key secret: `api_key`, `SECRET_KEY_BASE`.
_KEYS = """
api access secret private encryption encrypt decryption account signing master license licence
subscription storage auth function functions deploy app application client service session hmac hash
aes jwt rsa ssh ssl tls webhook consumer write ingest ingestion admin root user shared symmetric
integration instrumentation recovery backup validation unseal activation product cipher security
""".split()  # noqa: SIM905
_PUBLIC_KEYS = """
public partition sort primary foreign idempotency routing object row cache range websocket dedup
host project s3 no such missing unknown
""".split()  # noqa: SIM905
_CODES = ("security", "verification", "auth", "mfa", "2fa", "time", "onetime")
# Words that end the names of what belongs to a secret, but is none: `secret_arn`, `tokenUrl`.
_HARMLESS = """
arn arns name names path paths file files filename dir url urls uri uris endpoint policy length len
size count expiry expires expiration expired ttl age limit version versions status state type types
field required enabled disabled rotation provider store manager ref refs scheme algorithm alg method
issuer audience scope scopes mode id ids stdin match mismatch exception error fault failure failed
hint prompt strength reset change changed retries attempts timeout region format regex pattern
encoding encoder usage usages rate ratio bucket created updated at on in from service server host
port broker handler loader reader cache validator authentication authenticator generator parser
options parameter spec specs json yml yaml txt conf cfg ini toml xml java py js
go rb user username owner email alias application config configuration factory impl controller
test tests helper util utils interceptor filter middleware module component bean exists providers
parameters validity validation encryption
""".split()  # noqa: SIM905
# ... unless the name ends with one of these.
_SECRET_IDS = ("access key id", "session id", "token id")
# Tokens of language models are counted.
_COUNTED = """
max min num total prompt completion input output cached reasoning used remaining
""".split()  # noqa: SIM905
_MOST_AFTER = 3

_WORDS = re.compile(r"[^\W_]+")
_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_DIGITS_FOR_LETTERS = str.maketrans("4@5$0", "aasso")


@lru_cache(maxsize=256)
def is_secret_name(name: str) -> bool:
    """Return whether a name says that its value is secret: `dbPassword`, `API_KEY`."""
    words = _words(name)
    if not words or _is_harmless(words) or name.startswith("--no-"):
        return name.endswith("secret_id")  # of Vault
    pairs = zip(["", *words], words, strict=False)
    is_secret = any(_is_secret(word, before) for before, word in list(pairs)[-1 - _MOST_AFTER :])
    is_secret = is_secret or words[-1] == "auth"
    is_header = words[0] == "x" and words[-1] == "key"
    return is_secret or is_header or _is_secret("".join(words), "")


def ends_in_key(name: str) -> bool:
    """Return whether a name ends in "key", but does not say what the key is for."""
    words = _words(name)
    return bool(words) and words[-1].endswith("key") and not _is_public(words)


def _words(name: str) -> list[str]:
    if not name.isupper():
        name = _CAMEL_CASE.sub(" ", name)
    found = _WORDS.findall(name.replace("@", "a").replace("$", "s").lower())
    return [word.rstrip("0123456789") or word for word in found]


def _is_harmless(words: list[str]) -> bool:
    if " ".join(words).endswith(_SECRET_IDS):
        return False
    is_count = words[-1] in ("token", "tokens") and any(each in _COUNTED for each in words[:-1])
    return words[-1] in _HARMLESS or is_count or _is_public(words)


def _is_public(words: list[str]) -> bool:
    return words[-1] in ("key", "keys") and any(word in _PUBLIC_KEYS for word in words[-3:-1])


def _is_secret(word: str, before: str) -> bool:
    if word in ("key", "keys"):
        return before in _KEYS
    if word in ("code", "id"):
        return before in (_CODES if word == "code" else ("session", "csrf"))
    if word == "login":
        return before.endswith("sonar")
    if word in _SECRET or word.translate(_DIGITS_FOR_LETTERS) in _SECRET:
        return True
    is_ending = word.endswith(_ENDINGS) and word not in _NO_ENDINGS
    return is_ending or word.startswith(_BEGINNINGS)
