"""Read a task's attachments: network interfaces, volumes and others."""

from .fields import copy_fields, masked, objects

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Record


def private_address(detail: "Record") -> str | None:
    """Return the private address of the task's first network interface, if the event has it."""
    for container in objects(detail.get("containers")):
        for interface in objects(container.get("networkInterfaces")):
            address = interface.get("privateIpv4Address")
            if type(address) is str:
                return address
    for attachment in objects(detail.get("attachments")):
        address = _pairs(attachment).get("privateIPv4Address")
        if type(address) is str:
            return address
    return None


def failed_attachments(detail: "Record") -> "list[Record]":
    """Return type, status and reason of the attachments that failed."""
    attachments = objects(detail.get("attachments"))
    return [_describe(each) for each in attachments if each.get("status") == "FAILED"]


def _describe(attachment: "Record") -> "Record":
    kept: Record = {}
    copy_fields(attachment, ("type", "status"), kept)
    pairs = _pairs(attachment)
    reason = pairs.get("statusReason") or pairs.get("reason") or attachment.get("statusReason")
    if type(reason) is str:
        kept["reason"] = masked(reason)
    return kept


def _pairs(attachment: "Record") -> "Record":
    pairs = objects(attachment.get("details"))
    return {pair["name"]: pair.get("value") for pair in pairs if type(pair.get("name")) is str}
