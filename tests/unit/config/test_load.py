"""One file, the environment and files for secrets become one value."""

import tomllib
from ipaddress import ip_network
from pathlib import Path

import pytest

from gateway.config import ConfigError, Listen, load, parse
from gateway.mm7 import Dialect
from gateway.mm7.profiles import profile
from gateway.router.routes import Route
from tests.unit.config.making import CARRIER, ETC, PEM, config


def test_without_a_file_it_starts_on_loopback_with_sqlite_beside_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    defaults = load(None, {})

    assert (str(defaults.server.listen), str(defaults.server.operator_listen)) == ("127.0.0.1:8080", "127.0.0.1:8081")
    assert defaults.server.public_url == "http://127.0.0.1:8080"
    assert defaults.store.path == tmp_path / "var" / "gateway.db"
    assert (defaults.carriers, defaults.accounts, defaults.warnings) == ((), (), ())


@pytest.mark.requirement("U-17")
def test_a_carrier_link_as_carriers_have_them() -> None:
    text = (
        CARRIER
        + """
        vaspid = "shop"
        vasid = "28444"
        profile = "sinch"
        username = "gateway"
        password_file = "password"
        auth = "digest"
        rate = 50
        connections = 3
        connect_timeout = 2.5
        response_timeout = 30
        client_cert = "acme.pem"
        client_key_file = "acme.key"
        ca_file = "/etc/mm7/ca.pem"
        bind = "192.0.2.1"
        proxy = "http://proxy.example.net:3128"
        inbound_username = "acme"
        inbound_password_file = "inbound"
        inbound_allow = ["192.0.2.0/24", "2001:db8::/32"]
    """
    )

    (link,) = config(text).carriers

    assert (link.vaspid, link.vasid, link.rate) == ("shop", "28444", 50)
    assert link.dialect is profile("sinch")
    assert (link.http.username, link.http.password, link.http.auth) == ("gateway", "open sesame", "digest")
    assert (link.http.connections, link.http.connect_timeout, link.http.response_timeout) == (3, 2.5, 30)
    assert (link.http.client_cert, link.http.client_key_file) == ("/etc/mm7/acme.pem", "/etc/mm7/acme.key")
    assert (link.http.ca_file, link.http.bind) == ("/etc/mm7/ca.pem", "192.0.2.1")
    assert link.http.proxy == "http://proxy.example.net:3128"
    assert (link.inbound.username, link.inbound.password) == ("acme", "grün")
    assert link.inbound.networks == (ip_network("192.0.2.0/24"), ip_network("2001:db8::/32"))


@pytest.mark.requirement("M-14")
def test_what_we_present_to_an_account_s_urls() -> None:
    text = """
        [[account]]
        name = "shop"
        kind = "mm7"
        senders = ["28444", "15555550100"]
        postback_url = "https://shop.example/postbacks"
        api_key_file = "/run/secrets/key"
        callback_username = "gateway"
        callback_password_file = "password"
        callback_client_cert = "acme.pem"
        callback_client_key_file = "acme.key"
        callback_ca_file = "ca.pem"
    """

    read = config(text)
    (account,) = read.accounts

    assert (account.kind, account.senders) == ("mm7", ("28444", "15555550100"))
    assert (account.callback_username, account.callback_password) == ("gateway", "open sesame")
    assert (account.callback_client_cert, account.callback_client_key) == ("/etc/mm7/acme.pem", "/etc/mm7/acme.key")
    assert account.callback_ca == "/etc/mm7/ca.pem"
    assert read.api_keys == {"shop": "k-123"}


def test_routes_keep_their_order() -> None:
    text = CARRIER + '[[route]]\nto = "1*"\ncarrier = "acme"\n[[route]]\nsender = "28444"\ncarrier = "acme"\n'

    assert config(text).routes == (Route("1*", "*", "acme"), Route("*", "28444", "acme"))


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///data/mm7.db", ETC / "data" / "mm7.db"),
        ("sqlite:////srv/mm7.db", Path("/srv/mm7.db")),
        ("postgresql://gateway@db.example/mm7", None),
    ],
)
def test_where_the_store_is(url: str, path: Path | None) -> None:
    store = config(f'[store]\nurl = "{url}"').store

    assert (store.url, store.path) == (url, path)


def test_the_public_url_is_the_listener_s_where_none_is_set() -> None:
    tls = '[server]\ntls_cert = "acme.pem"\ntls_key = "acme.key"\nlisten = "[::1]:8443"'

    assert config(tls).server.public_url == "https://[::1]:8443"
    assert config('[server]\npublic_url = "https://mms.example.net/"').server.public_url == "https://mms.example.net"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("[::1]", True), ("localhost", True), ("0.0.0.0", False), ("mms.example.net", False)],
)
def test_which_listeners_are_on_loopback(host: str, loopback: bool) -> None:  # noqa: FBT001 # what is expected
    assert config(f'[server]\nlisten = "{host}:80"').server.listen.is_loopback is loopback


class TestEnvironment:
    def test_it_comes_before_the_file(self) -> None:
        text = CARRIER + 'rate = 50\n[server]\nlisten = "127.0.0.1:1"'

        read = config(text, {"MM7_SERVER__LISTEN": "127.0.0.1:2", "MM7_CARRIER__ACME__RATE": "70"})

        assert (read.server.listen, read.carriers[0].rate) == (Listen("127.0.0.1", 2), 70)

    def test_entries_go_by_name_and_routes_by_position(self) -> None:
        text = CARRIER.replace("acme", "acme-us.east") + '[[route]]\ncarrier = "nobody"\n'
        environ = {"MM7_CARRIER__ACME_US_EAST__CONNECT_TIMEOUT": "2.5", "MM7_ROUTE__1__CARRIER": "acme-us.east"}

        read = config(text, environ)

        assert read.carriers[0].http.connect_timeout == 2.5
        assert read.routes[0].carrier == "acme-us.east"

    def test_lists_are_separated_by_commas(self) -> None:
        read = config(CARRIER, {"MM7_CARRIER__ACME__INBOUND_ALLOW": "192.0.2.0/24, 198.51.100.0/24"})

        assert read.carriers[0].inbound.networks == (ip_network("192.0.2.0/24"), ip_network("198.51.100.0/24"))

    def test_it_may_hold_a_secret_or_name_its_file(self) -> None:
        text = CARRIER + 'username = "gateway"\npassword_file = "there is none"\ninbound_username = "acme"'
        environ = {"MM7_CARRIER__ACME__PASSWORD": "s", "MM7_CARRIER__ACME__INBOUND_PASSWORD_FILE": "password"}

        (link,) = config(text, environ).carriers

        assert (link.http.password, link.inbound.password) == ("s", "open sesame")

    def test_a_url_with_a_password_may_stand_there(self) -> None:
        url = "postgresql://gateway:secret@db.example/mm7"

        read = config("", {"MM7_STORE__URL": url})

        assert read.store.url == url
        assert "secret" not in repr(read)

    def test_empty_variables_and_those_of_other_things_count_for_nothing(self) -> None:
        assert config("", {"MM7_SERVER__LISTEN": "", "MM7_SHARED": "x", "HOME": "y__z"}) == config("")


class TestDialect:
    def test_single_values_may_change(self) -> None:
        text = CARRIER + 'profile = "sinch"\n[carrier.dialect]\nmm7_prefix = "mm7"\nretryable = [4006]'

        dialect = config(text).carriers[0].dialect

        assert (dialect.mm7_prefix, dialect.retryable) == ("mm7", frozenset({4006}))
        assert dialect.codes is profile("sinch").codes

    def test_a_profile_of_the_operator_s_is_named_by_its_path(self) -> None:
        dialect = config(CARRIER + 'profile = "mine.toml"').carriers[0].dialect

        assert (dialect.name, dialect.soap_prefix, dialect.codes) == ("mine", "s", profile("sinch").codes)

    def test_the_newest_3gpp_schema_unless_it_is_said(self) -> None:
        assert config(CARRIER).carriers[0].dialect.release is Dialect().release


class TestDigest:
    def test_nodes_with_the_same_settings_agree_wherever_their_file_lies(self) -> None:
        text = CARRIER + 'client_cert = "acme.pem"\nclient_key_file = "acme.key"'

        elsewhere = parse(tomllib.loads(text), {}, Path("/opt"), lambda _path: PEM)

        assert elsewhere.digest == config(text).digest

    def test_a_default_written_out_and_an_order_that_decides_nothing_change_nothing(self) -> None:
        other = CARRIER.replace("acme", "other")

        assert config(CARRIER + other).digest == config(other + CARRIER + "connect_timeout = 10.0").digest

    @pytest.mark.parametrize(
        "line", ["rate = 1", 'dialect = { mm7_prefix = "m" }', 'profile = "mine.toml"', 'vasid = "1"']
    )
    def test_a_setting_changes_it(self, line: str) -> None:
        assert config(CARRIER + line).digest != config(CARRIER).digest

    def test_a_secret_does_not(self) -> None:
        text = CARRIER + 'username = "u"'
        database = {"MM7_STORE__URL": "postgresql://u:one@h/d"}

        assert (
            config(text, {"MM7_CARRIER__ACME__PASSWORD": "one"} | database).digest
            == config(text, {"MM7_CARRIER__ACME__PASSWORD": "two", "MM7_STORE__URL": "postgresql://u@h/d"}).digest
        )


class TestFile:
    def test_paths_are_beside_it(self, tmp_path: Path) -> None:
        (tmp_path / "password").write_text("s3cret\n")
        file = tmp_path / "gateway.toml"
        file.write_text(CARRIER + 'username = "u"\npassword_file = "password"')

        read = load(file, {})

        assert read.carriers[0].http.password == "s3cret"
        assert read.store.path == tmp_path / "var" / "gateway.db"

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"[server", "is not TOML: Expected ']'"),
            (b"\xff = 1", "is not TOML: 'utf-8' codec"),
            (b"a = " + b"9" * 5000, "is not TOML: Exceeds the limit"),
            (b"a = " + b"[" * 5000, "is not TOML: "),
            (b"#" * 1_048_577, "it is larger than 1048576 bytes"),
            (None, "No such file or directory"),
        ],
    )
    def test_one_that_cannot_be_read_is_one_problem(self, tmp_path: Path, content: bytes | None, said: str) -> None:
        file = tmp_path / "gateway.toml"
        if content is not None:
            file.write_bytes(content)

        with pytest.raises(ConfigError) as caught:
            load(file, {})

        (problem,) = caught.value.problems
        assert str(file) in problem
        assert said in problem
