"""Calls to addresses that people typed in: checked where they lead, bounded in time.

A name is resolved once, every address it has is judged, and the connection goes to the judged
address: what the name means a moment later changes nothing. Redirects are not followed and
proxies of the environment not used. `httpcore` does the talking because only below `httpx` can
one say whom a connection goes to without touching the name that the certificate is checked by.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore
from django.conf import settings

SECONDS = 10.0  # for the whole call, however slowly the other side speaks
_READ = 2048  # bytes of an answer that are looked at
# Addresses that carry an IPv4 one inside and lead where it leads.
_TRANSLATED = [ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48")]
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Forbidden(Exception):
    """The address leads where this program does not call."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, or None and why there is none; how long it took."""

    code: int | None
    error: str
    milliseconds: int


def check_url(url: str) -> None:
    """Raise Forbidden for an address that could never be called; no name is resolved."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Forbidden("Адрес не разобран.") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise Forbidden("Нужен адрес вида https://сервер/путь.")
    if parts.username or parts.password or parts.fragment or not url.isascii():
        raise Forbidden("Адрес — латиницей, без имени, пароля и знака #.")
    try:
        found = socket.getaddrinfo(parts.hostname, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return  # a name: judged whenever it is called
    _judge([str(row[4][0]) for row in found], parts.scheme == "https")


def is_public(address: str) -> bool:
    """Whether an address is of the open internet, whatever form it is written in."""
    here: _Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(here, ipaddress.IPv6Address):
        if any(here in net for net in _TRANSLATED):
            return False
        teredo = here.teredo
        inner = here.ipv4_mapped or here.sixtofour or (teredo and teredo[1])
        here = inner or here
    return here.is_global and not here.is_multicast


def is_permitted(address: str) -> bool:
    """Whether a private address lies in a network that the installation permits."""
    here: Any = ipaddress.ip_address(address.partition("%")[0])
    here = getattr(here, "ipv4_mapped", None) or here
    return any(here in ipaddress.ip_network(net) for net in settings.WEBHOOK_NETWORKS)


def _judge(addresses: Iterable[str], is_encrypted: bool) -> None:
    for address in addresses:
        if is_permitted(address):
            continue
        if not is_public(address):
            raise Forbidden(f"Адрес {address} внутренний: такие разрешает WEBHOOK_NETWORKS.")
        if not is_encrypted:
            raise Forbidden("В интернет — только по https.")


class _Timed(httpcore.NetworkStream):
    """A stream whose every wait ends by one deadline."""

    def __init__(self, stream: httpcore.NetworkStream, ends: float) -> None:
        self._stream, self._ends = stream, ends

    def _left(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("Время вышло")
        return left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Timed(
            self._stream.start_tls(ssl_context, server_hostname, self._left()), self._ends
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Checked(httpcore.NetworkBackend):
    """Connects to an address that was judged, never to a name."""

    def __init__(self, is_encrypted: bool, ends: float) -> None:
        self._is_encrypted, self._ends = is_encrypted, ends
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(row[4][0]) for row in found]
        _judge(addresses, self._is_encrypted)
        left = max(0.1, self._ends - time.monotonic())
        return _Timed(self._plain.connect_tcp(addresses[0], port, left), self._ends)


def post(url: str, body: bytes, headers: dict[str, str], seconds: float = SECONDS) -> Answer:
    """Send a body; never raises. Only the status and the time it took are of interest."""
    started = time.monotonic()
    code, error = None, ""
    try:
        check_url(url)
        backend = _Checked(url.startswith("https:"), started + seconds)
        with (
            httpcore.ConnectionPool(network_backend=backend, max_connections=1) as pool,
            pool.stream("POST", url, headers=list(headers.items()), content=body) as response,
        ):
            code = int(response.status)
            if 300 <= code < 400:
                error = "Перенаправления не выполняются."
    except Forbidden as refusal:
        error = str(refusal)
    except (httpcore.TimeoutException, TimeoutError):
        error = f"Не ответил за {seconds:g} с."
    except socket.gaierror:
        error = "Имя сервера не найдено."
    except ssl.SSLError as failure:
        error = f"Сертификат не принят: {failure.reason}."
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError) as failure:
        error = f"Нет связи: {failure}."[:300]
    return Answer(code, error, int((time.monotonic() - started) * 1000))
