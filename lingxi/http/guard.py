"""The guard against calls into our own network.

A URL that people enter (webhook endpoints, connectors) must not reach what only this machine can
reach. The guard resolves the host name itself, refuses unless every address is public, and
connects to the very address it checked, so a name that changes its answer between check and
connect (DNS rebinding) gains nothing. Host header, SNI and certificate check still use the name.

`LINGXI_ALLOW_PRIVATE_HOSTS` lists the exceptions: host names, addresses or networks.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx
from django.conf import settings

from lingxi.errors import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_URL = 2000
_IPV6_UNICAST = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC = [
    ipaddress.ip_network(network)
    for network in (
        "100.64.0.0/10",  # carrier-grade NAT
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",
        "2001::/23",  # Teredo, ORCHID and other special uses
        "2001:db8::/32",
        "2002::/16",  # 6to4, which wraps any IPv4 address
        "3fff::/20",
    )
]
_LEGACY_IPV4 = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)(\.(0[xX][0-9a-fA-F]*|[0-9]+)){0,3}\.?")
_LOCAL_NAMES = ("localhost", "local", "internal", "localdomain", "home.arpa")


class AddressNotAllowed(Invalid):
    """A URL that is no web address, or leads into a private network."""

    code, number = "address_not_allowed", 4007
    detail = "不允许的地址"


def is_public(address: Address) -> bool:
    """Whether `address` belongs to the public internet, looking through IPv4-mapped ones."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address not in _IPV6_UNICAST:
            return False
    if any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def check_url(url: str) -> httpx.URL:
    """What can be said of a URL without resolving it. Raises `AddressNotAllowed`."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as exc:
        raise AddressNotAllowed("网址格式不正确") from exc
    if len(url) > MAX_URL:
        raise AddressNotAllowed(f"网址不能超过 {MAX_URL} 个字符")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise AddressNotAllowed("网址须以 http:// 或 https:// 开头")
    if parsed.userinfo:
        raise AddressNotAllowed("网址中不能包含用户名或密码")
    if parsed.port is not None and not 0 < parsed.port < 65536:
        raise AddressNotAllowed("端口不正确")
    _check_host(parsed.host)
    return parsed


def _check_host(host: str) -> None:
    name = host.rstrip(".").lower()
    if name in _allowed_names():
        return
    address = _literal(name)
    if address is not None:
        _check_addresses(host, [address])
    elif any(name == local or name.endswith(f".{local}") for local in _LOCAL_NAMES):
        raise AddressNotAllowed(f"不允许访问内部地址 {host}")


def _literal(name: str) -> Address | None:
    """The address a host spells, in any of the forms that resolvers accept (127.1, 0x7f.1 …)."""
    try:
        return ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        pass
    if _LEGACY_IPV4.fullmatch(name):
        try:
            return ipaddress.IPv4Address(socket.inet_aton(name.rstrip(".")))
        except OSError as exc:
            raise AddressNotAllowed(f"地址 {name} 格式不正确") from exc
    return None


def _check_addresses(host: str, addresses: Iterable[Address]) -> None:
    networks = _allowed_networks()
    for address in addresses:
        plain = getattr(address, "ipv4_mapped", None) or address
        if is_public(plain) or any(plain in network for network in networks):
            continue
        raise AddressNotAllowed(f"不允许访问内部地址 {host}")


def _allowed_names() -> set[str]:
    return {entry.lower() for entry in settings.ALLOW_PRIVATE_HOSTS}


def _allowed_networks() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    networks = []
    for entry in settings.ALLOW_PRIVATE_HOSTS:
        try:
            networks.append(ipaddress.ip_network(entry))
        except ValueError:
            continue  # a host name
    return networks


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of `host`, all of them checked. Raises `AddressNotAllowed`."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError, OverflowError) as exc:
        raise httpcore.ConnectError(f"cannot resolve {host}: {exc}") from exc
    names = list(dict.fromkeys(str(info[4][0]) for info in found))
    if host.rstrip(".").lower() not in _allowed_names():
        _check_addresses(host, [ipaddress.ip_address(name.partition("%")[0]) for name in names])
    return names


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections to checked addresses only."""

    def __init__(self, backend: httpcore.AsyncNetworkBackend | None = None) -> None:
        self._backend = backend or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check, and connect to the first checked address that answers."""
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        try:
            async with asyncio.timeout(timeout):
                for address in await resolve(host, port):
                    try:
                        return await self._backend.connect_tcp(
                            address, port, timeout, local_address, socket_options
                        )
                    except httpcore.ConnectError as exc:
                        failure = exc
        except TimeoutError as exc:
            raise httpcore.ConnectTimeout(f"connecting to {host} took too long") from exc
        raise failure

    async def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.AsyncNetworkStream:
        """Never."""
        raise AddressNotAllowed

    async def sleep(self, seconds: float) -> None:
        """As the backend beneath does."""
        await self._backend.sleep(seconds)
