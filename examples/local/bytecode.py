"""Compiles the largest modules of CDK, while another process imports the rest of it.

Python compiles a module when it is imported for the first time. That would be a third of the time
of a first run.
"""

import compileall
from importlib.util import find_spec
from pathlib import Path

# In the order in which they are needed. The importing process compiles the others meanwhile.
_MODULES = (
    *("", "aws_ec2", "aws_lambda", "aws_elasticloadbalancingv2", "aws_autoscaling", "aws_logs"),
    *("aws_iam", "aws_events"),
)


def compile_cdk() -> None:
    """Compile the modules that have no bytecode yet."""
    package = find_spec("aws_cdk")
    if package is None or package.origin is None:
        return
    for name in _MODULES:
        compileall.compile_file(Path(package.origin).parent / name / "__init__.py", quiet=2)
