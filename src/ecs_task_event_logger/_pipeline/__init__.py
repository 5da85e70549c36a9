"""What happens to an event: the function, the log group, and the dead-letter queue."""
