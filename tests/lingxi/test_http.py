"""The guard of the HTTP client: what may be called, and that nothing slips past it."""

import asyncio
import ipaddress
import socket
import ssl

import httpcore
import httpx
import pytest

from lingxi import http
from lingxi.http import (
    AddressNotAllowed,
    async_client,
    check_url,
    is_public,
    read_capped,
    transport,
)
from tests.integrations.receiver import Receiver

PRIVATE = [
    "0.0.0.0",  # noqa: S104
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.9.9.9",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.fixture(autouse=True)
def nothing_allowed(settings):
    settings.ALLOW_PRIVATE_HOSTS = []


@pytest.fixture
def allow_local(settings):
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]


@pytest.fixture
def names(monkeypatch):
    """Let the test say what names resolve to."""
    table: dict[str, list[str]] = {}

    def getaddrinfo(host, port, *args, **kwargs):
        found = table.get(host, [host])
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return table


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "114.114.114.114", "2606:4700::1111"])
def test_public_addresses(address):
    assert is_public(ipaddress.ip_address(address))
    assert is_public(ipaddress.ip_address(f"::ffff:{address}")) if "." in address else True


@pytest.mark.parametrize(
    "url", ["https://example.com/hook?a=1", "http://crm.example.cn:8080", "https://例子.中国/"]
)
def test_good_urls(url):
    assert check_url(url).host


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com/hook",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com",
        "javascript:alert(1)",
        "http://",
        "http:///x",
        "http://user:secret@example.com/",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://exa mple.com\r\nx: y/",
        "http://example.com/" + "x" * 3000,
        "http://localhost/",
        "http://LOCALHOST./",
        "http://a.localhost:8000/",
        "http://redis.internal/",
        "http://printer.local/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.0.1./",
        "http://0/",
        "http://256.256.256.256/",
        "http://[fe80::1%25eth0]/",
        *[f"http://[{one}]/" if ":" in one else f"http://{one}/" for one in PRIVATE],
    ],
)
def test_bad_urls(url):
    with pytest.raises(AddressNotAllowed):
        check_url(url)


def test_exceptions_by_name_address_and_network(settings):
    settings.ALLOW_PRIVATE_HOSTS = ["Redis.internal", "127.0.0.1", "10.1.0.0/16", "fd00::/8"]
    for host in ("redis.internal", "127.0.0.1", "10.1.2.3", "[fd00::1]", "[::ffff:10.1.0.1]"):
        assert check_url(f"http://{host}/")
    for host in ("127.0.0.2", "10.2.0.1", "[::1]", "localhost", "b.internal"):
        with pytest.raises(AddressNotAllowed):
            check_url(f"http://{host}/")


async def test_it_works(allow_local):
    with Receiver() as receiver:
        async with async_client() as client:
            response = await client.post(receiver.url(), content=b"{}")
            again = await client.post(receiver.url(), content=b"{}")
    assert (response.status_code, response.text, again.status_code) == (200, "ok", 200)
    assert receiver.connections == 1
    assert receiver.requests[0].headers["user-agent"] == http.USER_AGENT
    assert "cookie" not in receiver.requests[1].headers


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"])
async def test_local_server_is_not_reached(host):
    with Receiver() as receiver:
        async with async_client() as client:
            with pytest.raises(AddressNotAllowed):
                await client.get(f"http://{host}:{receiver.port}/ok")
    assert receiver.connections == 0


async def test_name_that_leads_inside(names):
    names["partner.example"] = ["127.0.0.1"]
    with Receiver() as receiver:
        async with async_client() as client:
            with pytest.raises(AddressNotAllowed):
                await client.get(f"http://partner.example:{receiver.port}/ok")
    assert receiver.connections == 0


async def test_name_with_one_address_inside(names):
    names["partner.example"] = ["93.184.216.34", "10.0.0.1"]
    with pytest.raises(AddressNotAllowed):
        await http.resolve("partner.example", 80)


async def test_connects_to_the_address_that_was_checked(names, monkeypatch, allow_local):
    """A second look-up would give another answer, and must not happen."""
    asked = []
    real = socket.getaddrinfo

    def rebinding(host, port, *args, **kwargs):
        asked.append(host)
        names["partner.example"] = ["10.0.0.1"] if asked.count(host) > 1 else ["127.0.0.1"]
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with Receiver() as receiver:
        async with async_client() as client:
            response = await client.get(f"http://partner.example:{receiver.port}/ok")
    assert response.status_code == 200
    assert asked.count("partner.example") == 1
    assert receiver.requests[0].headers["host"] == f"partner.example:{receiver.port}"


async def test_next_address_is_tried(names, settings):
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.0/8"]
    names["partner.example"] = ["127.0.0.9", "127.0.0.1"]
    with Receiver() as receiver:  # listens on 127.0.0.1 only
        async with async_client() as client:
            response = await client.get(f"http://partner.example:{receiver.port}/ok")
    assert response.status_code == 200


async def test_certificate_is_asked_for_by_name(names, settings, monkeypatch):
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    names["partner.example"] = ["127.0.0.1"]
    asked = []
    backend = http.GuardedBackend()

    class Stream(httpcore.AsyncNetworkStream):
        async def start_tls(self, ssl_context, server_hostname=None, timeout=None):  # noqa: ASYNC109
            asked.append((server_hostname, ssl_context.verify_mode, ssl_context.check_hostname))
            raise httpcore.ConnectError("enough seen")

        def get_extra_info(self, info):
            return None

    async def connect(host, *args, **kwargs):
        asked.append(host)
        return Stream()

    monkeypatch.setattr(transport, "GuardedBackend", lambda: backend)
    monkeypatch.setattr(backend._backend, "connect_tcp", connect)
    async with async_client() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("https://partner.example/")
    assert asked == ["127.0.0.1", ("partner.example", ssl.CERT_REQUIRED, True)]


async def test_unknown_name(monkeypatch):
    def getaddrinfo(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    async with async_client() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("http://nowhere.example/")


async def test_redirect_is_not_followed(allow_local):
    with Receiver() as receiver:
        async with async_client() as client:
            assert (await client.get(receiver.url("/redirect"))).status_code == 302
    assert len(receiver.requests) == 1


async def test_proxy_from_the_environment_is_not_used(allow_local, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with Receiver() as receiver:
        async with async_client() as client:
            assert (await client.get(receiver.url())).status_code == 200


@pytest.mark.parametrize(
    ("path", "expected"), [("/endless", b"x" * 4096), ("/truncated", b"half"), ("/ok", b"ok")]
)
async def test_answers_are_read_up_to_a_limit(allow_local, path, expected):
    with Receiver() as receiver:
        async with async_client() as client, client.stream("GET", receiver.url(path)) as response:
            assert await read_capped(response, 4096) == expected


async def test_compressed_answer_is_not_unpacked(allow_local):
    with Receiver() as receiver:
        async with async_client() as client, client.stream("GET", receiver.url("/bomb")) as reply:
            assert (await read_capped(reply, 4096)).startswith(b"\x1f\x8b")
    assert receiver.requests[0].headers["accept-encoding"] == "identity"


async def test_unix_sockets_are_refused():
    with pytest.raises(AddressNotAllowed):
        await http.GuardedBackend().connect_unix_socket("/run/postgresql/.s.PGSQL.5432")


async def test_no_more_connections_than_allowed(allow_local):
    with Receiver() as receiver:
        async with async_client(max_connections=3) as client:
            answers = await asyncio.gather(
                *(client.get(receiver.url("/delay/0.05")) for _ in range(12))
            )
    assert [answer.status_code for answer in answers] == [200] * 12
    assert receiver.most_in_flight == 3
    assert receiver.connections == 3


@pytest.mark.parametrize("path", ["/garbage", "/truncated", "/hang"])
async def test_a_failure_gives_its_place_back(allow_local, path):
    with Receiver() as receiver:
        async with async_client(max_connections=1, timeout=0.2) as client:
            for _ in range(3):
                with pytest.raises(httpx.HTTPError):
                    await client.get(receiver.url(path))
            assert (await client.get(receiver.url())).status_code == 200


async def test_a_cancelled_request_gives_its_place_back(allow_local):
    with Receiver() as receiver:
        async with async_client(max_connections=1) as client:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await client.get(receiver.url("/hang"))
            assert (await client.get(receiver.url())).status_code == 200


async def test_a_connection_the_other_side_closed_is_not_used_again(allow_local):
    with Receiver() as receiver:
        async with async_client() as client:
            await client.get(receiver.url("/ok/then-close"))
            await asyncio.sleep(0.05)
            assert (await client.get(receiver.url())).status_code == 200
    assert receiver.connections == 2


async def test_old_connections_are_closed(allow_local, monkeypatch):
    monkeypatch.setattr(transport, "KEEP_ALIVE", 0.05)
    with Receiver() as one, Receiver() as other:
        async with async_client() as client:
            await client.get(one.url())
            await asyncio.sleep(0.1)
            await client.get(other.url())
            pool = client._transport
            assert isinstance(pool, transport.GuardedTransport)
            assert [key[2] for key, idle in pool._idle.items() if idle] == [other.port]
