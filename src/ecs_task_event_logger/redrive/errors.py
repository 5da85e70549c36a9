"""The error that ends a run."""


class RedriveError(RuntimeError):
    """The function has no dead-letter queue, or its log group cannot be queried."""
