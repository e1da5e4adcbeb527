"""What the API serves, by the names under which keys are given rights to it."""

_resources: dict[str, str] = {}


def declare(name: str, label: str) -> None:
    """Note a resource and what people call its rows. Called by the router."""
    _resources.setdefault(name.removeprefix("bulk/"), label)


def served() -> dict[str, str]:
    """The resources of the API and what people call their rows, by name."""
    return dict(sorted(_resources.items()))
