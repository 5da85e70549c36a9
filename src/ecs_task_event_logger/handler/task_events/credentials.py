# ruff: noqa: E501 - a pattern is one line
r"""Find credentials that are recognized by their own form, or by the command or header they are in.

Sources of the forms are the documentation of each service, and the rules of gitleaks, trufflehog
and detect-secrets.
"""

import re
from functools import cache

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .aliases import Span

# One text, because Lambda compiles lists more slowly. Each block is a credential:
#   its name
#   hint: words in lower case. Every text with this credential has one of them. A credential
#         without a hint is always searched for
#   find: a pattern, whose group is masked, or else all of it. `<value>` is one of a command line
#   mask: an example, with the part that must be masked in « »
#   keep: an example that must not be masked
# `<30>` in an example stands for 30 letters and digits, `<30x>` for hexadecimal digits, `<30A>` for
# capitals and digits, `<30d>` for digits. The test fills them in, so that no scanner for secrets
# takes an example for a secret.
CREDENTIALS = r"""
AWS access key ID
hint: akia asia a3t abia acca
find: (?<![A-Za-z0-9])(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,16}(?![A-Za-z0-9])
mask: key «AKIA<16A>» is not valid
keep: SASIAN is no access key
keep: asiapacificregion1

AWS secret access key after its ID
hint: akia asia
find: (?:AKIA|ASIA)[A-Z0-9]{16}[^A-Za-z0-9+/]{1,20}([A-Za-z0-9+/]{40})(?![A-Za-z0-9+/])
mask: «AKIA<16A>»:«<40>»

AWS session token
hint: fwog fqog iqoj
find: (?<![A-Za-z0-9+/])(?:FwoG|FQoG|IQoJ)[A-Za-z0-9+/=%]{30,}
mask: got «IQoJ<120>»

AWS Bedrock key
hint: absk bedrock-api-key-
find: ABSK[A-Za-z0-9+/]{30,}={0,2}|bedrock-api-key-[\w=.-]{16,}
mask: run «bedrock-api-key-<40>» now

GitHub
hint: ghp_ gho_ ghu_ ghs_ ghr_ github_pat_
find: (?:gh[pousr]|github_pat)_\w{16,}
mask: got «ghp_<36>» from init
mask: got «github_pat_<82>»
keep: github_pat_rotation failed

GitLab
hint: glpat- gldt- glrt- glptt- glcbt- glft- glffct- glsoat- glimt- glagent- gloas- gr1348941 _gitlab_session
find: gl(?:pat|dt|rtr?|ptt|cbt|ft|ffct|soat|imt|agent|oas)-[\w.-]{16,}|GR1348941[\w-]{16,}|_gitlab_session=(\w+)
mask: clone with «glpat-<20>» failed
mask: «glcbt-64_<20>»

Slack token
hint: xox xapp-
find: xox[a-z](?:\.xox[a-z])?-[\w/+-]{10,}|xapp-\d-[\w-]{10,}
mask: «xoxb-<12d>-<12d>-<24>» is revoked
mask: «xapp-1-A<10>-<13d>-<64x>»

Webhooks
hint: hooks.slack webhook hooks.zapier maker.ifttt
find: hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/([\w/+-]{8,})
find: discord(?:app)?\.com/api/webhooks/\d+/([\w-]{8,})
find: (?:webhook\.office\.com|outlook\.office\.com/webhook)\S{0,20}/([\w-]{8,}@?[\w/@-]*)
find: hooks\.zapier\.com/hooks/catch/([\w/]{8,})
mask: POST https://hooks.slack.com/services/«T<8A>/B<8A>/<24>» failed: 404
mask: https://discord.com/api/webhooks/<18d>/«<68>» 401

Stripe and other payment services
hint: sk_ rk_ whsec_ rzp_ shippo_ flwseck access_token$ ezak eztk sq0 eaaa shpat_ shpca_ shppa_ shpss_ access-
find: (?<![A-Za-z0-9])(?:sk|rk)_(?:live|test|prod)_\w{10,}|whsec_[\w+/=]{16,}|rzp_(?:live|test)_\w{10,}
find: FLWSECK(?:_TEST)?-[\w-]{10,}|access_token\$(?:production|sandbox)\$[\w$]{16,}|(?<![A-Za-z0-9])EZ[AT]K\w{30,}
find: sq0[a-z]{3}-[\w-]{20,}|(?<![\w-])EAAA[\w-]{40,}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{16,}|shippo_(?:live|test)_\w{20,}
find: access-(?:sandbox|development|production)-[0-9a-f-]{20,}
mask: charge with «sk_live_<24>» declined
mask: «shpat_<32x>»
keep: task_live_migration_of_the_db

Google
hint: aiza ya29. gocspx- 1//0 aaaa
find: AIza[\w-]{20,}|ya29\.[\w-]{16,}|GOCSPX-[\w-]{16,}|(?<![\w/])1//0[\w-]{20,}
find: (?<![\w-])AAAA[\w-]{5,9}:[\w-]{100,}
mask: maps key «AIza<35>» denied
mask: «ya29.<60>»

Microsoft
hint: q~ azdo
find: (?<![\w~.-])[\w~.]{3}\dQ~[\w~.-]{28,}|(?<![A-Za-z0-9])[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}
mask: login «abc8Q~<34>» failed

AI services
hint: sk- hf_ api_org_ r8_ pplx- gsk_ xai- pcsk_ lsv2_ tvly- apify_api_ fw_ nvapi-
find: (?<![A-Za-z0-9-])sk-(?:(?:proj|svcacct|admin|ant|or|lf)-[\w-]{16,}|[A-Za-z0-9]{20,})
find: (?<![A-Za-z0-9])(?:hf_|api_org_|r8_|gsk_|pcsk_|apify_api_|fw_)\w{20,}
find: (?<![A-Za-z0-9])(?:pplx-|xai-|lsv2_|tvly-|nvapi-)\w[\w-]{19,}
mask: 401 for «sk-proj-<48>»
mask: 401 for «sk-ant-api03-<93>»
mask: 401 for «hf_<34>»
keep: the disk-pressure-of-the-container-instance is high

Mail and messaging services
hint: sg. key- xkeysib- xsmtpsib- eaa
find: (?<![A-Za-z0-9])SG\.[\w-]{16,}\.[\w-]{16,}|xkeysib-[\w-]{16,}|xsmtpsib-[\w-]{16,}
find: (?<![\w-])key-[0-9a-f]{32}|(?<![A-Za-z0-9])EAA[A-Za-z0-9]{60,}
mask: «SG.<22>.<43>» is not verified
mask: «key-<32x>»
keep: key-0123 is unknown

Tokens of Twilio, Mailchimp, Telegram and Discord, which begin with no word
find: (?<![A-Za-z0-9])SK[0-9a-f]{32}|(?<![0-9a-f])[0-9a-f]{32}-us\d{1,2}(?!\w)
find: (?<!\d)\d{8,10}:AA[\w-]{30,}|(?<![\w.-])[MNO][\w-]{22,27}\.[\w-]{6,10}\.[\w-]{25,}
mask: https://api.telegram.org/bot«<9d>:AA<33>»/getMe
mask: «SK<32x>» may not send

Clouds, hosting and databases
hint: ltai akid aqvn t1. swmtkn dop_v1 doo_v1 dor_v1 hrku- nfp_ fm1 fm2_ fo1_ rnd_ sbp_ sb_secret_ pscale_ napi_ dp. dckr_ dapi avns_ scw v1.0- tskey- vercel tk-us- ocid1.
find: (?<![A-Za-z0-9])(?:LTAI|AKID|AQVN)[\w-]{16,}|do[opr]_v1_\w{16,}|HRKU-[\w-]{12,}|nfp_\w{20,}
find: fm[12][ar]?_[\w+/=]{30,}|fo1_[\w-]{20,}|(?<![a-z])rnd_\w{20,}|sbp_\w{20,}|sb_secret_[\w-]{16,}
find: pscale_(?:tkn|pw|oauth)_[\w=.-]{16,}|napi_\w{30,}|(?<![\w.-])dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{20,}
find: dckr_[op]at_[\w-]{16,}|(?<![A-Za-z0-9])dapi[0-9a-f]{32}|AVNS_[\w-]{16,}|(?<![A-Za-z0-9])SCW[A-Z0-9]{17}(?![A-Za-z0-9])
find: (?<![\w.])t1\.[\w=-]{20,}\.[\w=-]{40,}|SWMTKN-\d-[\w-]{20,}
find: (?<![\w.])v1\.0-[0-9a-f]{24}-[0-9a-f]{60,}|tskey-[\w-]{16,}|tk-us-[\w-]{30,}
mask: «dop_v1_<64x>» is expired
mask: «LTAI<20>»
mask: login with «dckr_pat_<27>»

Infrastructure and packages
hint: hvs. hvb. hvr. s. atlasv1 pul- ico- npm_ pypi- rubygems_ oy2 clojars_ cio akcp cmvmd cmvmdgtu ccipat bkua_ sqp_ squ_ sqa_ pnu_ sgp_ cfpat- rdme_ api- sha256~ pat. sat. a3- ops_ey age-secret-key pmak- b64
find: (?<![A-Za-z0-9])hv[bsr]\.[\w-]{16,}|(?<![\w.-])s\.[A-Za-z0-9]{24}(?![\w.-])|\w{14}\.atlasv1\.[\w=-]{30,}
find: (?<![a-z-])pul-[0-9a-f]{30,}|(?<![a-z-])ico-\w{32}|npm_\w{20,}|pypi-[\w-]{30,}|rubygems_\w{20,}
find: (?<![A-Za-z0-9])oy2[a-z0-9]{43}|CLOJARS_\w{30,}|(?<![A-Za-z0-9])cio[A-Za-z0-9]{32}(?![A-Za-z0-9])
find: (?<![A-Za-z0-9])(?:AKCp|cmVmd)\w{30,}|CCIPAT_\w{20,}|bkua_\w{20,}|(?<![a-z])sq[pua]_[0-9a-f]{40}|pnu_\w{20,}
find: (?<![a-z])sgp_\w{30,}|CFPAT-[\w-]{20,}|rdme_\w{30,}|(?<![\w-])API-[A-Z0-9]{26,}|sha256~[\w-]{40,}
find: (?<![\w.])[ps]at\.[\w-]{22}\.[\w.]{20,}|(?<![\w-])A3-[A-Z0-9]{6}(?:-[A-Z0-9]{5,11}){3,}|ops_eyJ[\w+/=]{30,}
find: AGE-SECRET-KEY-1[A-Z0-9]{20,}|PMAK-[\w-]{24,}
mask: vault says «hvs.<90>» is invalid
mask: run «npm_<36>»
mask: «pypi-AgEIcHlwaS5vcmc<60>»
keep: s.amazonaws.com, npm_config_cache

Observability and work
hint: nral amzn.mws aio_ nrak- nrii- nrjs- nrra- glc_ glsa_ sntrys_ sntryu_ hcaik_ hcxik_ dt0c01. dt0s01. ntn_ secret_ lin_ patat pat atatt atctt atbb figd_ figo_ figu_ cfut_ phx_ tfp_ _mmk api- sdk- mob- .acc sl. duffel_ fio-u- p8e- sm_ napi scauth_ essu_
find: NR(?:AK|II|JS|RA)-[\w-]{16,}|glc_[\w+/=]{30,}|glsa_\w{30,}|sntry[su]_[\w+/=]{30,}|hc[ax]ik_\w{30,}
find: dt0[cs]01\.\w{20,}\.\w{30,}|ntn_\w{30,}|(?<![a-z])secret_[A-Za-z0-9]{43}|lin_(?:api|oauth)_\w{20,}
find: (?<![A-Za-z0-9])pat[A-Za-z0-9]{14}\.[0-9a-f]{40,}|AT(?:ATT3|CTT3|BB)[\w=-]{20,}|fig[duo]_[\w-]{30,}
find: cfut_\w{30,}|phx_\w{30,}|tfp_[\w.=-]{30,}|\w{6}_\w{29}_mmk|(?<![\w-])(?:api|sdk|mob)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}
find: (?<![\w.-])sl\.[\w=-]{60,}|duffel_(?:test|live)_[\w=-]{30,}|fio-u-[\w=-]{40,}|p8e-\w{32}|sm_[a-z]at_\w{16}
find: (?:scauth|authress|sc|ext)_\w{5,30}\.\w{4,6}\.acc[_-][\w-]{10,32}\.[\w+/=-]{30,}|essu_[\w=+/]{30,}
find: amzn\.mws\.([0-9a-f-]{36})|aio_\w{20,}|(?<!\w)\w{36}NRAL
mask: «NRAK-<27A>»
mask: «glsa_<32>_<8x>»
mask: «ATATT3<180>»

JSON web token
hint: ey
find: (?<![A-Za-z0-9+=_.-])ey[IJ][\w-]{12,}(?:\.(?:\r?\n|\\n)?[\w-]*){0,4}
find: (?<![A-Za-z0-9+=_.-])eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*
find: (?<=[-_=.])eyJ[\w-]{12,}(?:\.[\w-]*){0,4}
mask: token «eyJ<20>.eyJ<20>.<43>»
mask: cut «eyJ<40>»
keep: the keyJournal is full

Private key
hint: private key putty ssh2 b3blbnnzac1rzxktdje ls0tls1c
find: (?i)-{4,5}BEGIN[^-\r\n]{0,40}PRIVATE KEY(?: BLOCK)?-{4,5}(?:(?:(?!-----BEGIN)[\s\S]){8,9000}?-{4,5}END[^-\r\n]{0,60}-{0,5}|(?=[\s\\nr"'+,>|]{0,12}[\w+/=:-]{8})(?:[\s\\nr"',+>|]{0,12}[\w+/=:.,;-]{16,76})+(?:[\s\\nr]{1,8}[\w+/=]{1,76}(?=[\s\\nr"']*\Z|=))?)
find: (?i)---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----(?:(?:(?!---- BEGIN)[\s\S]){0,9000}?---- END SSH2[^-\n]{0,40}----|[\w+/=:,;"'.()\s\\-]*)
find: Private-Lines: \d+((?:[\s\\nr]{1,8}(?!Private-)[\w+/=]{4,})*)
find: Private-(?:MAC|Hash):\s*([0-9a-f]{16,})
find: b3BlbnNzaC1rZXktdjE[\w+/=]*(?:[\s\\nr]{1,8}[\w+/=]{20,})*
find: LS0tLS1CRUdJTi(?!BDRVJU)[\w+/=]{20,}
mask: bad key «-----BEGIN RSA PRIVATE KEY-----\nabcdefgh\n-----END RSA PRIVATE KEY-----» in TLS_KEY
mask: cut «-----BEGIN EC PRIVATE KEY-----\n<64>»
keep: no PEM data (looking for -----BEGIN PRIVATE KEY-----)

JSON web key
hint: kty
find: (?<!\\)\\*"(?:d|k|p|q|dp|dq|qi)\\*"\s*:\s*\\*"([\w=-]{20,})
mask: {"kty":"oct","k":"«<43>»"}

End of a private key
hint: private key
find: (?<![A-Za-z0-9+/=])((?:[A-Za-z0-9+/=]{16,76}(?:\s|\\[nr]){1,8}){1,150}+(?:[A-Za-z0-9+/=]{1,76}(?:\s|\\[nr]){0,8})?+)-{4,5}END[^-\r\n]{0,40}PRIVATE KEY
mask: «<64>\n<64>\n<20>=\n»-----END PRIVATE KEY-----

DER of a private key
hint: mii
find: (?<![A-Za-z0-9+/])MII[A-Za-z0-9+/]{60,}={0,2}
mask: PKCS8 «MIIEvQ<80>»

User and password in a URL
hint: ://
find: (?<=://)(?!\$\{?\w+\}?:\$|[\w.-]*:\$\{?\w+\}?@|[\w.-]*:\*{2}|[A-Z_]+:[A-Z_]+@)([^\s:/'"`<>?#\\]{0,200}:(?!\d{1,5}(?:[/?#,\s]|$))(?:(?!://)[^\s'"`<>\\]){0,300})@(?=[\w.\[$(%-]|\Z)
find: (?<=://)(?!\$)(?=[^\s/@]*(?:\d|token|secret)|[^\s/@]{16})([^\s/@'"`<>?#,;=\\$]{1,300})@(?=[\w.\[$(%-])
find: (?i)\b(?:postgres\w*|mysql\w*|mariadb|mongodb\S{0,4}|rediss?|amqps?|smtps?|ftps?|ldaps?|oracle\S{0,9}|mssql\S{0,9})://[^\s:/@'"]{0,100}:(?!\*+@|[A-Z_]+@|\$\{)([^\n@]{1,80})@(?=[\w.\[-]+(?:[:/]|\b))
find: (?<=://)[^\s:/@'"]{1,64}:((?!\d{1,5}(?!\w))[^\s/@'"?#:]{4,200})(?=(?:\.\.\.|…)?\Z)
mask: postgres://«me:hunter2»@db:5432/shop
mask: https://«<30>»@github.com/shop
mask: could not parse mysql://«me:p@ss/w:rd»@db.example.com/orders
mask: redis://me:«two words»@cache:6379
mask: cut postgres://me:«hunter2x»
keep: https://host.example.com:8080/users?mail=me@example.com
keep: https://registry.example.com:5000/shop/app@sha256:<64x>
keep: amqp://guest@mq.example.com:5672
keep: http://${DB_USER}:${DB_PASSWORD}@db:5432

User and password before a host
hint: @
find: (?<![\w.:/@+-])(?!mailto:|e?mail:|users?:|arn:|to:|from:|cc:|by:|sips?:|xmpp:|git@)[\w.-]{1,64}:((?!//)[^\s@"'`,;<>]{4,100})@(?!sha(?:256|512):)(?=[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}|localhost|[\w-]{1,63}:\d|(?:tcp|unix)\(|(?<=\d[\w!#$%^*+-]@)[\w-]{2,63}(?![\w.@:-])|(?<=\d@)[\w-]{2,63}(?![\w.@:-]))
find: (?:(?<![\w.:/@+-])|(?<=thin:)|(?<=oci:)|(?<=oci8:))[A-Za-z]\w{0,30}/\\*["']?([^\s@"'/`,;<>\\]{4,100})\\*["']?@(?!sha256:|v?\d+(?:\.|\b))(?=//[\w.]|[\w.-]{1,80}[:/]\w)
mask: dial shop:«hunter2x»@db.example.com:5432
mask: sqlplus scott/«tiger7x»@//db.example.com/XE
keep: shop/app:41@sha256:<64x>
keep: user:bob@example.com is unknown

Authorization header
hint: authorization
find: (?i)authorization(?:\\*["'`\]]){0,3}\s{0,8}(?:=>|[:=,])(?:\[|\\*["'`]|\s){0,8}+(?![\w-]{1,30} \*\*\*)(?:(?:Basic|Bearer|Token|Api-?Key|Key|JWT|Negotiate|NTLM|Digest|OAuth|Splunk|GoogleLogin|SSWS|SharedKey(?:Lite)?|GenieKey|ApiToken|Hawk|Signature|[A-Z][\w-]{2,30}(?=[ +]\S{0,200}\d))[ +](?:\[|\s){0,4}+)?(?!\*\*\*|AWS4-|<|\[?(?:filtered|redacted)|\w{3,10}=|Basic\b|Bearer\b|Digest\b|server message|(?:failed|required|denied|error|header|not|no|is|was|has|missing|invalid|none|null|true|false|disabled|enabled|expired)\b|[a-z]{2,15} [a-z])([^\s"'`,\]&\\]{3,}+)
mask: 401 for Authorization: Bearer «<24>» at api.example.com
mask: headers map[Authorization:[Bearer «<32>»] Accept:[*/*]]
keep: may require authorization: server message: insufficient_scope: authorization failed
keep: pull access denied, authorization: failed

Bearer, Basic and other schemes
hint: bearer basic nonce response ssws
find: (?i)\bbearer[\s:=\\"'+]{1,6}(?!auth|cred|chall|\w+=|tokens?\b|realm|scheme|error|header|is\b|was\b|not\b|\*)((?=[\w.~+/-]*\d|[\w.~+/=-]{10,})[\w.~+/=-]{6,})
find: \b[Bb]asic\s+((?=\S*(?:\d|=|[a-z][A-Z]))[A-Za-z0-9+/]{6,}={0,2})(?![\w.-])
find: \bSSWS\s+([\w-]{20,})
find: (?i)\b(?:c?nonce|response)=\\*["']?([\w+/=]{8,})
mask: sent Bearer «<24>» to us
mask: proxy wants Basic «YTpi<12>==»
keep: Www-Authenticate: Bearer realm="https://auth.docker.io/token",service="registry.docker.io"
keep: no basic auth credentials
keep: no bearer authentication

Cookies
hint: cookie
find: (?i)\b(?:set-)?cookies?(?:\\*["'`\]]){0,3}\s{0,8}(?:=>|[:=])(?:\[|\(|\\*["'`]|\s){0,8}+([\w.$!#%&*+^|~-]{1,80}=[^\s;"'`\\]*(?:;\s*(?:[\w.$!#%&*+^|~-]{1,80}=[^\s;"'`\\]*|HttpOnly|Secure|Partitioned))*)
mask: GET / Cookie: «session=<20>; csrf=<20>» -> 403
keep: cookies: missing

Codes of OAuth, and hashes of passwords
hint: code= scram- $2 $5$ $6$ $y$ $argon $apr1 $1$ pbkdf2
find: [?&]code=([\w./%~-]{12,})
find: (?:SCRAM-SHA-\d+|pbkdf2_\w+)\$[\w+/=:$.-]{20,}|\$(?:2[abxy]|argon2\w{1,2}|5|6|y|apr1|1)\$[\w./$,=+-]{20,}
mask: GET /cb?code=«<40>»&state=ok

Errors that quote a value of a secret
hint: password invalid s/ s| s# s, actual got input convert variable value received argument construct connect sequelize converting pars auth securestring environment
find: (?i)(?:password|passwd|secret|token|api_?key|credential)\w{0,30}+["'`\]]{0,3}[\s\S]{0,150}?\b(?:input_value|received|value|actual|got)(?:\\*["']?\s{0,3}[=:]\s{0,3}|\s)\\*["'](?!\$\{|[\d.]+\\*["']|(?:null|none|true|false)\b)(?=[^"'\n]*\d)([^"'\\\n]+)
find: (?i)(?:password|passwd|secret|token|api_?key)\w{0,30}+[^\n]{0,60}?\b(?:value|got|received) ((?=[^\s"',;)]*\d)(?=[^\s"',;)]*[A-Za-z])[^\s"',;)]{8,})
find: (?i)\b(?:value|argument|input) \\*["'`]([^"'`\n\\]{6,})\\*["'`][^\n"'`]{0,40}? (?:for|of|in) [^\n:;]{0,40}?(?:password|secret|token|api_?key|credential)
find: (?:__construct|Sequelize|[Cc]onnect|[Cc]onnection)\((?:\\*['"][^'"\n\\]*\\*['"],\s?){2}\\*['"]([^'"\n\\]*)
find: (?i)(?:password|passwd|secret|token|api_?key|credential)\w{0,30}+\b[\s\S]{0,100}?\b(?:converting|parsing|parse|convert) \\*["'`]([^"'`\n\\]+)
find: (?i)AUTH\w?\W{1,4}with args beginning with: ((?:[\s,]{0,2}["'`][^"'`\n]*["'`])+)
find: (?i)(?:password|passwd|secret|token|key)\W{1,4}invalid \w+[^\n"']{0,30}: \\*["']([^"'\n\\]+)
find: \bs([/|#,])[^\s/|#,]{0,40}(?:PASSWORD|SECRET|TOKEN|KEY)[^\s/|#,]{0,10}\1([^/|#,\s]+)
find: SecureString\W[^\n]{0,60}?Value\W{1,4}([^\s,"'})]+)
find: \bAUTH\s+(?:(?:PLAIN|LOGIN|XOAUTH2|CRAM-MD5|default|\w{1,32})\s+)?((?=\S*\d)[\w+/=-]{8,})
find: (?i)ConvertTo-SecureString\s+(?:-String\s+)?\\*["']?([^\s"'\\]+)
find: (?i)invalid environment variable: =(\S+)
find: variable \\*["']([^"'\n]+)\\*["'] contains whitespace
find: invalid argument \\*["']([^"'\n]+)\\*["'] for \\*["'][^"'\n]{0,30}(?:env|-e\b|build-arg)
find: (?i)password(?:(?!fail|invalid|incorrect|wrong|denied|expired|authentication|cannot|not|error|option|plugin|bad|must|:|=|\n)[\s\S]){0,60}?(?:\bis\b|\bto\b|[:=])\s{1,3}\\*["']?(?!arn:|0x|/)((?=[^\s"']*\d)(?=[^\s"']*[A-Za-z])[^\s"',;]{8,})
mask: jwt_secret: too short [input_value='«<14>»', input_type=str]
mask: invalid value "«<14>»" for flag -db-password: parse error

Secrets that are piped into a command
hint: stdin passwd passphrase sudo
find: (?i)\b(?:echo|printf)\s+(?:-\w\s+|%s\s+|\\*["']%s(?:\\n)?\\*["']\s+)?\\*["']?(?:[\w.-]{1,40}:)?([^\s"'`|\\]+)\\*["']?\s*\|[^|\n]{0,120}?(?:-stdin|chpasswd|passwd\b|sudo\s+-\w*S|passphrase-fd)
find: (?:chpasswd|-stdin|\bpasswd)\b[^\n<]{0,80}<<<\s*\\*["']?(?:[\w.-]{1,40}:)?([^\s"'`\\]+)
mask: echo «<14>» | docker login --username ci --password-stdin

Database tools with a password option
hint: mycli valkey tsql osql mysql mariadb redis-cli mongo sqlcmd bcp cqlsh clickhouse influx sqlplus psql isql cypher-shell rabbitmq
find: \b(?:mysql\w*|mariadb\w*|mycli)\b[^\n|;&]{0,200}?\s\\*["']?-p\\*["']?(?![\s"'])([^\s"'`\\]+)
find: \b(?:redis-cli|valkey-cli)\b[^\n|;&]{0,200}?\s(?:-a|--pass|--askpass)[ =]<value>
find: \b(?:mongo\w*|cqlsh|influx|cypher-shell|rabbitmqadmin)\b[^\n|;&]{0,200}?\s-p[ =]?<value>
find: \b(?:sqlcmd|bcp|isql|tsql|osql)\b[^\n|;&]{0,200}?\s-P[ =]?<value>
find: \brabbitmqctl\b[^\n|;&]{0,80}?\b(?:add_user|change_password|authenticate_user)\s+\S+\s+<value>
find: \bsqlplus\b[^\n|;&]{0,80}?\s\\*["']?[\w.$#]+/([^\s"'`\\@]+)
mask: mysql -u root -p«hunter2» shop
mask: redis-cli -h cache -a «hunter2» ping
keep: mysql -u root -p shop
keep: mongodb listens on port 27017

Logins of registries, clouds and mail
hint: -p -u /p: /pass storepass keypass passin passout put-parameter login creds smbclient sshpass ldap htpasswd openssl gpg keytool jarsigner zip 7z ipmitool snmp net use lftp configure smtp kinit cmdkey curl wget http
find: \b(?:docker|podman|nerdctl|buildah|skopeo|crane|helm|oras|az|oc|cf|npm|heroku|doctl|ibmcloud|argocd)\b[^\n|;&]{0,120}?\blogin\b[^\n|;&]{0,200}?\s-p[ =]?<value>
find: \b(?:vault|bao)\s+login\s+(?:token=)?\\*["']?(?!-)([^\s"'`\\=]{8,})
find: --(?:(?:src-|dest-)?creds|registry-creds)[ =]\\*["']?[^\s:"']+:([^\s"'`\\]+)
find: \bsmbclient\b[^\n|;]{0,200}?\s(?:-U|--user)[ =]?\\*["']?[^\s%"']+%([^\s"'`\\]+)
find: \bsshpass\s+-p[ =]?<value>
find: \b(?:ldap\w+|ipmitool|snmp\w+)\b[^\n|;&]{0,300}?\s-(?:w|P|A|X)[ =]?<value>
find: \bsnmp\w+\b[^\n|;&]{0,200}?\s-c[ =]?<value>
find: \bhtpasswd\s+-\w*b\w*\s+\S+\s+\S+\s+<value>
find: -pass(?:in|out)?[ =]\\*["']?pass:([^\s"'`\\]+)
find: \bopenssl\b[^\n|;&]{0,200}?\s-[kK]\s+<value>
find: -(?:storepass|keypass|srcstorepass|deststorepass|passin|passout)[ =]\\*["']?(?!pass:|file:|env:)([^\s"'`\\]+)
find: \b(?:zip|unzip)\b[^\n|;&]{0,120}?\s-P\s*<value>
find: \b7z\w?\b[^\n|;&]{0,120}?\s-p<value>
find: \blftp\b[^\n|;&]{0,120}?\s-u[ =]?\\*["']?[^\s,"']+,([^\s"'`\\]+)
find: (?i)\bnet\s+use\b[^\n|;&]{0,200}?\s/user:\S*[^\s:]\s+<value>
find: (?i)\bnet\s+use\s+\S+\s+\\\\\S+\s+(?!/)([^\s"'`]+)
find: (?<!mysql)(?<!mysqldump)(?<!mariadb)\s(?:-u|-U|--user|--username|-n)[ =]?[^\s=-]\S*(?:\s+-{1,2}[\w-]+(?:[ =][^\s-]\S*)?){0,3}?\s+-[pP][ =]?\\*["']?(?!\d{1,5}(?:[\s:]|$)|-)([^\s"'`\\]{3,})
find: (?i)(?:/pass(?:word)?|/p):<value>
find: \bput-parameter\b[^\n]{0,300}?--value[ =]<value>
find: \bconfigure\s+set\s+\S*(?:secret|token|key|password)\S*\s+<value>
mask: docker login -u me -p «hunter2» registry.example.com
mask: aws configure set aws_secret_access_key «<40>»
mask: sshpass -p «hunter2» ssh host
keep: docker run -p 80:80 app

Options of HTTP clients
hint: curl wget http xh hurl -u --user
find: \b(?:curl|xh|https?ie?|http|hurl)\b[^\n|;]{0,400}?\s(?:-u|--user|--proxy-user|-U|-a|--auth)[ =]?(?:\\*["'][^\s:"'/]*:([^"'\\]+)|[^\s:"'/]*:\\*["']?([^\s"'`\\]+))
find: (?<![\w-])(?:--user|--proxy-user|-u)[ =]\\*["']?[^\s:"'/<]{1,64}:(?!\d+(?:[\s:]|$)|\w*:?//)([^\s"'`\\/]+)
mask: run curl -u admin:«hunter2» https://example.com
keep: docker run -u 1000:1000 app

Passwords in SQL
hint: identified password
find: (?i)(?<!revision )\bidentified\s+(?:with\s+\w+\s+)?by\s+(?:password\s+)?(?:\\*'((?:[^'\\]|\\.|'')+)|\\*"([^"]+)|([^\s"'`;\\]+))
find: (?i)\bset\s+password\s+(?:for\s+\S+\s*)?=\s*(?:password\()?\\*["']([^"'\n]+)
mask: CREATE USER me IDENTIFIED BY '«hunter2»'

Password files
hint: machine :*: 5432: 5433: 6432: 3306:
find: (?i)\bmachine\s+\S+\s+login\s+\S+\s+password\s+(\S+)
find: (?<![\w.])[\w.-]{1,100}:(?:543[23]|6432|3306|\*):[\w*-]+:[\w*-]+:([^\s:"']{4,})
mask: machine db.example.com login me password «hunter2»
mask: db.example.com:5432:orders:shop:«hunter2»
"""


_VALUE = r"""(?![<$])(?:\\*"([^"\\]+)|\\*'([^'\\]+)|([^\s"'`\\]+))"""


def read_credentials() -> "Iterable[tuple[str, list[str], list[str]]]":
    """Return the name, the hints and the patterns of each credential in the table."""
    for block in CREDENTIALS.strip().split("\n\n"):
        name, *lines = block.split("\n")
        hints = [hint for line in lines if line[:6] == "hint: " for hint in line[6:].split()]
        yield (
            name,
            hints,
            [line[6:].replace("<value>", _VALUE) for line in lines if line[:6] == "find: "],
        )


@cache
def _table() -> "list[tuple[list[str], list[str]]]":
    return [(hints, patterns) for _, hints, patterns in read_credentials()]


@cache
def _compiled(pattern: str) -> "re.Pattern[str]":
    # Compiled when a text has a hint of it: all of them take longer than most events.
    return re.compile(pattern)


def find_credentials(text: str, lowered: str) -> "Iterable[Span]":
    """Return where credentials begin and end."""
    for hints, patterns in _table():
        if not hints or any(map(lowered.__contains__, hints)):
            for pattern in patterns:
                for match in _compiled(pattern).finditer(text):
                    yield match.span(match.lastindex or 0)
