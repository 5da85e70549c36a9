"""The feature flags of new apps, if ``--recommended-flags`` asks for them.

CDK reads its context when it is imported. So import this module before CDK.
"""

import json
import os
import sys
import tarfile
from importlib.util import find_spec
from pathlib import Path

OPTION = "--recommended-flags"


def recommended_flags() -> str:
    """Return the recommended feature flags of the installed CDK."""
    spec = find_spec("aws_cdk")
    assert spec is not None
    assert spec.origin is not None
    (package,) = Path(spec.origin).with_name("_jsii").glob("aws-cdk-lib@*.tgz")
    with tarfile.open(package) as archive:
        file = archive.extractfile("package/recommended-feature-flags.json")
        assert file is not None
        return json.dumps(json.load(file))


if OPTION in sys.argv:
    os.environ["CDK_CONTEXT_JSON"] = recommended_flags()
