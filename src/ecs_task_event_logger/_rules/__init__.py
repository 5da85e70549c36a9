"""What to catch: filters become event patterns, and event patterns become EventBridge rules."""
