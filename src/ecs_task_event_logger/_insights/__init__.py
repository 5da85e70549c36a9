"""What to see in the log: saved queries, metrics, the dashboard and notifications."""
