"""Deploys a synthesized CDK app with CloudFormation, as ``cdk deploy`` would."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from waiting import wait_for

# `cdk bootstrap` creates this parameter, and each CDK template reads it.
_BOOTSTRAP_PARAMETER = "/cdk-bootstrap/hnb659fds/version"
_BOOTSTRAP_VERSION = "21"

_DEPLOYED = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
_TIMEOUT_SECONDS = 120

Client = Callable[[str], Any]


class DeploymentError(RuntimeError):
    """CloudFormation could not deploy the stack."""


def deploy(client: Client, environment: dict[str, str], template: Path, name: str) -> None:
    """Create or update a stack, and wait until it is deployed.

    Args:
        client: A function that returns the client of an AWS service.
        environment: The values of the placeholders in the destinations of assets.
        template: The stack's template in the directory of the synthesized CDK app.
        name: The stack's name.

    Raises:
        DeploymentError: If a resource fails.
    """
    client("ssm").put_parameter(
        Name=_BOOTSTRAP_PARAMETER, Value=_BOOTSTRAP_VERSION, Type="String", Overwrite=True
    )
    publish_assets(client("s3"), environment, template)
    _change_stack(client("cloudformation"), template, name)


def publish_assets(s3: Any, environment: dict[str, str], template: Path) -> None:
    """Upload the assets of a stack, and create the bucket for them if it is missing."""
    manifest = template.with_name(template.name.replace(".template.", ".assets."))
    for asset in json.loads(manifest.read_text())["files"].values():
        path = template.parent / asset["source"]["path"]
        content = _content(path, asset["source"]["packaging"])
        for destination in asset["destinations"].values():
            bucket, key = (
                _fill_in(destination[part], environment) for part in ("bucketName", "objectKey")
            )
            _ensure_bucket(s3, bucket)
            s3.put_object(Bucket=bucket, Key=key, Body=content)


def _content(path: Path, packaging: str) -> bytes:
    return _zip(path) if packaging == "zip" and path.is_dir() else path.read_bytes()


def _zip(directory: Path) -> bytes:
    """Return a directory's files as an archive that is the same for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in directory.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(directory).as_posix())
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def _fill_in(text: str, environment: dict[str, str]) -> str:
    for placeholder, value in environment.items():
        text = text.replace("${" + placeholder + "}", value)
    return text


def _ensure_bucket(s3: Any, bucket: str) -> None:
    region = s3.meta.region_name
    configuration: dict[str, Any] = {}
    if region != "us-east-1":  # S3 rejects its own default
        configuration["CreateBucketConfiguration"] = {"LocationConstraint": region}
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=bucket, **configuration)


def _change_stack(cloudformation: Any, template: Path, name: str) -> None:
    request = {
        "StackName": name,
        "TemplateBody": template.read_text(),
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    try:
        cloudformation.create_stack(**request)
    except cloudformation.exceptions.AlreadyExistsException:
        if not _update(cloudformation, request):
            return
    _wait_until_deployed(cloudformation, name)


def _update(cloudformation: Any, request: dict[str, Any]) -> bool:
    """Start the update of an existing stack. Return False if there is no change."""
    try:
        cloudformation.update_stack(**request)
    except ClientError as error:
        if "No updates" in str(error):
            return False
        raise
    return True


def _wait_until_deployed(cloudformation: Any, name: str) -> None:
    def final_status() -> str | None:
        status = str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
        return None if status.endswith("_IN_PROGRESS") else status

    status = wait_for(final_status, f"the stack {name}", _TIMEOUT_SECONDS)
    if status not in _DEPLOYED:
        raise DeploymentError(f"stack {name} is {status}: {failure_reason(cloudformation, name)}")


def failure_reason(cloudformation: Any, name: str) -> str:
    """Return the resource that failed first, and the reason."""
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=name)
    failed = [
        event
        for page in pages
        for event in page["StackEvents"]
        if event["ResourceStatus"].endswith("_FAILED") and "ResourceStatusReason" in event
    ]
    if not failed:
        return "CloudFormation gives no reason"
    first = failed[-1]  # the newest event comes first
    return "{LogicalResourceId} ({ResourceType}): {ResourceStatusReason}".format_map(first)
