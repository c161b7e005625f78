"""The public listener over TLS."""

import ssl
from pathlib import Path

import pytest
import trustme

from gateway.app import _tls
from tests.integration.running import deliver, related, running, said


@pytest.mark.requirement("M-07")
async def test_the_public_listener_speaks_tls_1_2_and_newer_only(tmp_path: Path) -> None:
    """Given a certificate, when a carrier posts over TLS, then it is answered, and content is linked by https."""
    authority = trustme.CA()
    ours = authority.issue_cert("localhost", "127.0.0.1")
    ours.private_key_pem.write_to_path(tmp_path / "our.key")
    for pem in ours.cert_chain_pems:
        pem.write_to_path(tmp_path / "our.pem", append=True)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    async with running(tmp_path, server='tls_cert = "our.pem"\ntls_key = "our.key"') as house:
        body, content_type = related(deliver())
        url = f"https://{house.gateway.public}/carrier/acme"
        headers = {"Content-Type": content_type}
        async with house.client.post(url, data=body, headers=headers, ssl=client) as answer:
            assert said(await answer.read())["StatusCode"] == "1000"
        told = await house.application.told("N401")
        assert told["content"][0]["file"].startswith(f"https://{house.gateway.public}/media/")
        async with house.client.get(told["content"][0]["file"], ssl=client) as content:
            assert content.status == 200
    context = _tls(str(tmp_path / "our.pem"), str(tmp_path / "our.key"))
    assert context is not None
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
