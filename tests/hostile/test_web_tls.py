"""A certificate that is not valid for the host, now, by somebody known: no request is sent."""

from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import trustme

from connectors.web.fetcher import GuardedFetcher
from connectors.web.limits import Limits
from connectors.web.message import Request, Response
from tests.support.web import Site, page, redirect, serving

DAY = dt.timedelta(days=1)
NOW = dt.datetime.now(dt.UTC)
HOST = "news.test"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_side(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@asynccontextmanager
async def fetching(
    authority: trustme.CA | None, limits: Limits | None = None
) -> AsyncIterator[Callable[[Site], object]]:
    tls = None
    if authority is not None:
        tls = ssl.create_default_context()
        authority.configure_trust(tls)
    fetcher = GuardedFetcher(
        user_agent="x", limits=limits, tls=tls, lookup=lambda host, port: [(2, "127.0.0.1")]
    )

    async def fetch(site: Site) -> Response:
        url = site.url(host=HOST, scheme="https")
        return await fetcher.fetch(Request(url=url, kind="page", allow_hosts=(HOST, "127.0.0.1")))

    yield fetch
    await fetcher.close()


async def test_a_valid_certificate(authority: trustme.CA):
    async with (
        serving(page(), tls=server_side(authority.issue_cert(HOST))) as site,
        fetching(authority) as fetch,
    ):
        assert (await fetch(site)).ok


@pytest.mark.parametrize(
    "issue",
    [
        pytest.param(
            lambda ca: ca.issue_cert(HOST, not_before=NOW - 9 * DAY, not_after=NOW - DAY), id="expired"
        ),
        pytest.param(lambda ca: ca.issue_cert(HOST, not_before=NOW + DAY), id="not yet valid"),
        pytest.param(lambda ca: ca.issue_cert("other.test"), id="wrong host"),
        pytest.param(lambda ca: ca.issue_cert("*.news.test"), id="wildcard of children"),
        pytest.param(lambda ca: ca.issue_cert("127.0.0.1"), id="the address instead of the name"),
        pytest.param(lambda ca: trustme.CA().issue_cert(HOST), id="unknown authority"),
    ],
)
async def test_an_invalid_one(authority: trustme.CA, issue: Callable[[trustme.CA], trustme.LeafCert]):
    async with serving(page(), tls=server_side(issue(authority))) as site, fetching(authority) as fetch:
        response = await fetch(site)
    assert response.result == "tls"
    assert response.detail
    assert site.requests == []


async def test_the_system_does_not_know_the_authority(authority: trustme.CA):
    async with serving(page(), tls=server_side(authority.issue_cert(HOST))) as site, fetching(None) as fetch:
        assert (await fetch(site)).result == "tls"
    assert site.requests == []


async def test_self_signed():
    """The authority's own certificate, served as a site's."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with authority.cert_pem.tempfile() as certificate, authority.private_key_pem.tempfile() as key:
        context.load_cert_chain(certificate, key)
    async with serving(page(), tls=context) as site, fetching(None) as fetch:
        assert (await fetch(site)).result == "tls"
    assert site.requests == []


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_old_protocols(authority: trustme.CA):
    context = server_side(authority.issue_cert(HOST))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with serving(page(), tls=context) as site, fetching(authority) as fetch:
        assert (await fetch(site)).result in {"tls", "connect"}
    assert site.requests == []


async def test_no_tls_at_all(authority: trustme.CA):
    """The server waits for a request in the clear for as long as we wait for its handshake."""
    async with serving(page()) as site, fetching(authority, Limits(connect_s=2.0)) as fetch:
        assert (await fetch(site)).result in {"tls", "timeout"}
    assert site.requests == []


async def test_a_redirect_to_an_invalid_one(authority: trustme.CA):
    bad = server_side(authority.issue_cert("other.test"))
    good = server_side(authority.issue_cert(HOST))
    async with serving(page(), tls=bad) as wrong:
        lead = redirect(wrong.url(host=HOST, scheme="https"))
        async with serving(lead, tls=good) as site, fetching(authority) as fetch:
            assert (await fetch(site)).result == "tls"
    assert wrong.requests == []
