"""Notes on a resource about the constructs that use it, kept in the construct tree."""

from constructs import IConstruct


def add_user(resource: IConstruct, note: str, user: str) -> list[str]:
    """Note that a resource has another user, and return the earlier ones."""
    key = f"ecs-task-event-logger:{note}"
    earlier = [str(entry.data) for entry in resource.node.metadata if entry.type == key]
    if user not in earlier:
        resource.node.add_metadata(key, user)
    return earlier
