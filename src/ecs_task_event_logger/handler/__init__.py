"""The root of the Lambda asset: of what is here, only `task_events` is uploaded."""
