"""The main navigation: apps say what they have, the interface shows what the role may open.

Called from an app's `AppConfig.ready`. Roles are plain strings, so that the kernel need not know
the business; an empty set means every signed-in user.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class NavSection:
    """A folded part of the navigation; items without a section stand open above them all."""

    code: str
    label: str
    order: int = 100


@dataclass(frozen=True)
class NavItem:
    """One line of the navigation; `url_name` must take no arguments."""

    url_name: str
    label: str
    icon: str
    roles: frozenset[str] = frozenset()
    order: int = 100
    section: str = ""

    def open_to(self, role: str) -> bool:
        """Whether a user of this role is shown the item."""
        return not self.roles or role in self.roles


_items: dict[str, NavItem] = {}
_sections: dict[str, NavSection] = {}


def register_section(section: NavSection) -> None:
    """Add a section that items of any app may name."""
    _sections[section.code] = section


def all_sections() -> list[NavSection]:
    """Every section, in the order of the menu."""
    return sorted(_sections.values(), key=lambda section: section.order)


def register(item: NavItem) -> None:
    """Add an item; a second registration of the same url name replaces the first."""
    _items[item.url_name] = item


def all_items() -> list[NavItem]:
    """Every item, in the order of the menu."""
    return sorted(_items.values(), key=lambda item: (item.order, item.label))


def items_for(role: str) -> list[NavItem]:
    """The items that a role is shown."""
    return [item for item in all_items() if item.open_to(role)]
