"""Keys of integrations: 256 random bits, shown once, kept as a keyed digest."""

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Iterable

PREFIX = "lampa_"


def generate() -> str:
    """A new key."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(key: str, pepper: str) -> str:
    """The keyed digest under which a key is found again."""
    return hmac.new(pepper.encode(), key.encode(), hashlib.sha256).hexdigest()


def scope(resource: str, *, write: bool) -> str:
    """The name of a right: "clients:read"; the resource "*" stands for every one."""
    return f"{resource}:{'write' if write else 'read'}"


def is_scope(text: str) -> bool:
    """Whether a text is the name of a right."""
    return re.fullmatch(r"(?:\*|[a-z0-9-]{1,50}):(?:read|write)", text) is not None


def allows(scopes: Iterable[str], resource: str, *, write: bool) -> bool:
    """Whether rights hold the one asked for. Writing does not imply reading."""
    return not {scope("*", write=write), scope(resource, write=write)}.isdisjoint(scopes)


def is_within(address: str, networks: Iterable[str]) -> bool:
    """Whether an address lies in one of the networks; in any, where none is named.

    An IPv4 address that came through an IPv6 socket is the IPv4 one.
    """
    networks = list(networks)
    if not networks:
        return True
    try:
        here = ipaddress.ip_address(address)
    except ValueError:
        return False
    here = getattr(here, "ipv4_mapped", None) or here
    return any(here in ipaddress.ip_network(network) for network in networks)
