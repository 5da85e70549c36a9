"""The findings of cfn-lint in a template."""

from collections.abc import Sequence

from cfnlint.api import lint
from cfnlint.config import ManualArgs


def findings(template: str, regions: Sequence[str] = ("eu-west-1",)) -> list[str]:
    found = lint(template, config=ManualArgs(regions=list(regions)))
    # CDK's own Lambda function and VPC render a redundant DependsOn (W3005).
    return [str(each) for each in found if each.rule.id != "W3005"]
