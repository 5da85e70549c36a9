"""Events with random changes, for property-based tests."""

import copy
import json
from typing import Any

from hypothesis import strategies as st

from ecs_events import Event, other_event, shared_events, task_event

SECRET = "hunter2"
OVERRIDES = {
    "containerOverrides": [
        {
            "name": "app",
            "command": ["run", SECRET],
            "environment": [{"name": "A", "value": SECRET}, {"name": "B", "value": SECRET}],
        }
    ]
}
ENVIRONMENT = {"environment": OVERRIDES["containerOverrides"][0]["environment"]}
EVENTS = [
    task_event({"name": "app", "exitCode": 1}, overrides=OVERRIDES),
    task_event({"name": "app"}, {"name": "init"}, lastStatus="PENDING", overrides=ENVIRONMENT),
    task_event(stoppedReason="CannotPullContainerError: not found", overrides=[ENVIRONMENT]),
    other_event("ECS Service Action", "arn:aws:ecs:x:1:service/c/s", eventName="SERVICE_NEW"),
    other_event(
        "ECS Container Instance State Change", "arn:a", status="ACTIVE", overrides=ENVIRONMENT
    ),
    *shared_events(),
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=30,
)
Path = tuple[str | int, ...]


def paths(value: Any, parents: Path = ()) -> list[Path]:
    """Return the paths to all values in a JSON document."""
    if isinstance(value, dict):
        members: list[tuple[str | int, Any]] = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    else:
        return []
    return [
        path for key, item in members for path in [(*parents, key), *paths(item, (*parents, key))]
    ]


def mutate(draw: Any, event: Event) -> None:
    """Change a random value in an event."""
    *parents, key = draw(st.sampled_from(paths(event)))
    holder: Any = event
    for parent in parents:
        holder = holder[parent]
    kinds = ["drop", "retype", "nest", "quote", "huge", "non-ASCII", "rename"]
    match draw(st.sampled_from(kinds)):
        case "drop":
            del holder[key]
        case "retype":
            holder[key] = draw(json_values)
        case "nest":
            for _ in range(draw(st.sampled_from([1, 3, 100]))):
                holder[key] = draw(st.sampled_from([[holder[key]], {"x": holder[key]}]))
        case "quote":
            holder[key] = json.dumps(holder[key])
        case "huge":
            holder[key] = draw(st.sampled_from(["x" * 300_000, ["y" * 9] * 50_000, 10**400]))
        case "non-ASCII":
            holder[key] = draw(st.text(st.characters(min_codepoint=127), min_size=1))
        case "rename" if isinstance(holder, dict):
            holder[draw(st.text())] = holder.pop(key)


@st.composite
def mutated_events(draw: Any) -> Event:
    event: Event = copy.deepcopy(draw(st.sampled_from(EVENTS)))
    for _ in range(draw(st.integers(1, 2))):
        if paths(event):
            mutate(draw, event)
    return event
