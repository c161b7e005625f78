"""Everything that is wrong is told at once, a line each: where it is, what is wanted, and what is nearest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import ConfigError, parse
from gateway.config.settings import SECTIONS
from tests.unit.config.making import CARRIER, ETC, config, files

ACCOUNT = '[[account]]\nname = "shop"\npostback_url = "https://shop.example/"\n'
PUBLIC = '[server]\nlisten = "0.0.0.0:8080"\npublic_url = "https://mms.example.net"\n'


def problems(text: str, environ: dict[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        config(text, environ)
    return caught.value.problems


def test_all_problems_are_told_at_once() -> None:
    text = "[server]\nlisten = 8080\n" + CARRIER + 'rate = "fast"\nvaspdi = "x"\n[[route]]\ncarrier = "acne"\n[medai]\n'

    assert problems(text, {"MM7_SERVER__LISTN": "x"}) == (
        "unknown section 'medai': did you mean media?",
        "unknown variable 'MM7_SERVER__LISTN': did you mean MM7_SERVER__LISTEN?",
        '[server]: listen: wanted host:port, a host of IPv6 in brackets, such as "127.0.0.1:8080", not 8080',
        "[[carrier]] acme: unknown key 'vaspdi': did you mean vaspid?",
        "[[carrier]] acme: rate: wanted a whole number from 0 to 1000000, such as 50, not 'fast'",
        "[[route]] number 1: carrier acne is not among the carriers: did you mean acme?",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("server = 1", "server: is written as [server] with its settings on the lines below"),
        ('[carrier]\nname = "acme"', "carrier: is written as [[carrier]] with its settings on the lines below"),
        ('[[carrier]]\nurl = "http://x/"', '[[carrier]] number 1: name is missing, such as name = "acme"'),
        ('[[carrier]]\nurl = "http://x/"\nname = "a b"', "[[carrier]] number 1: name: wanted a name of letters"),
        ('[server]\nlisten = ":8080"', "[server]: listen: wanted host:port"),
        ('[server]\nlisten = "127.0.0.1:99999"', "[server]: listen: wanted host:port"),
        ('[server]\nlisten = "[::g]:1"', "[server]: listen: wanted host:port"),
        ('[server]\noperator_listen = "127.0.0.1:8080"', "listen and operator_listen are both 127.0.0.1:8080"),
        ('[server]\ntls_cert = "acme.pem"', "[server]: tls_cert needs tls_key beside it"),
        (
            '[server]\ntrusted_proxies = ["192.0.2.1/24"]',
            "192.0.2.1/24 has host bits set: a network is written such as",
        ),
        ("[server]\ntrusted_proxies = [1]", "trusted_proxies: wanted a list of networks"),
        ('[server]\ntrusted_proxies = "192.0.2.0/24"', "trusted_proxies: wanted a list of networks"),
        ('[store]\nurl = "sqlite://var/x.db"', "[store]: url: wanted sqlite:///path"),
        ('[store]\nurl = "sqlite:///"', "[store]: url: wanted sqlite:///path"),
        ('[store]\nurl = "mysql://h/d"', "[store]: url: wanted sqlite:///path"),
        ('[store]\nurl = "postgresql://[h/d"', "[store]: url: wanted sqlite:///path"),
        ('[store]\nmedia = "disk"', '[store]: media: wanted "store" or s3://bucket/prefix'),
        (CARRIER.replace("https", "ftp"), "url: wanted a URL with http or https"),
        (CARRIER + 'proxy = "http://[proxy"', "proxy: wanted a URL with http or https"),
        (CARRIER + 'bind = "eth0"', "bind: wanted an IP address"),
        (CARRIER + "connections = 0", "connections: wanted a whole number from 1"),
        (CARRIER + "connections = true", "connections: wanted a whole number from 1"),
        (CARRIER + "connect_timeout = nan", "connect_timeout: wanted seconds"),
        (CARRIER + "response_timeout = 1e9", "response_timeout: wanted seconds"),
        (
            CARRIER + f"rate = 0x{'f' * 5000}",
            "rate: wanted a whole number from 0 to 1000000, such as 50, not what stands there",
        ),
        (CARRIER + 'auth = "ntlm"', "auth: wanted one of auto, basic, digest"),
        (CARRIER + 'username = "a:b"', "username: HTTP Basic knows no user name with a colon"),
        (CARRIER + 'vaspid = "a\\nb"', "vaspid: wanted text in quotes"),
        (CARRIER + 'username = "u"', "[[carrier]] acme: username needs password_file beside it"),
        (CARRIER + 'inbound_password_file = "password"', "inbound_password_file needs inbound_username beside it"),
        (CARRIER + 'client_cert = "acme.pem"', "client_cert needs client_key_file beside it"),
        (CARRIER + 'client_key_file = "acme.key"', "client_key_file needs client_cert beside it"),
        (CARRIER + 'ca_file = "gone.pem"', "ca_file: cannot read 'gone.pem': No such file or directory"),
        (CARRIER + 'ca_file = "password"', "ca_file: 'password' is not a PEM file"),
        (
            CARRIER + 'client_key_file = "locked.key"',
            "'locked.key' holds an encrypted key: write it without a password",
        ),
        (CARRIER + 'profile = "sinhc"', "[[carrier]] acme: no profile 'sinhc': did you mean 'sinch'?"),
        (CARRIER + 'profile = "gone.toml"', "[[carrier]] acme: cannot read 'gone.toml': No such file"),
        (CARRIER + 'profile = "broken.toml"', "[[carrier]] acme: profile"),
        (
            CARRIER + 'profile = "mine.toml"\ndialect = { mm7_prefix = "x" }',
            "put what dialect changes into 'mine.toml' itself",
        ),
        (CARRIER + 'dialect = { mm7_prefx = "x" }', "unknown key dialect.mm7_prefx: did you mean 'mm7_prefix'?"),
        (
            CARRIER + "dialect = { mm7_prefix = 2020-01-01 }",
            "[[carrier]] acme: profile '3gpp-6.8.0': a value is not of the type",
        ),
        (CARRIER + "dialect = 1", 'dialect: wanted a table, such as { mm7_prefix = "mm7" }'),
        (CARRIER * 2, "[[carrier]] acme: this name stands there twice"),
        (CARRIER + CARRIER.replace("acme", "Acme"), "[[carrier]] Acme and acme: they differ only in case, - . or _"),
        (CARRIER + '[[route]]\nto = "1*"', "[[route]] number 1: carrier is missing"),
        ('[[route]]\ncarrier = "acme"', "carrier acme is not among the carriers: there are none"),
        (ACCOUNT * 2, "[[account]] shop: this name stands there twice"),
        # Python has only one "a": what is one object is still two names.
        (ACCOUNT.replace("shop", "a") * 2, "[[account]] a: this name stands there twice"),
        (ACCOUNT + 'kind = "soap"', "kind: wanted one of json, xml, mm7"),
        (ACCOUNT + "senders = [28444]", 'senders: wanted a list of numbers in quotes, such as ["28444"]'),
        (ACCOUNT + 'senders = ["+15555550100"]', "senders: a sender is 2 to 20 digits"),
        (ACCOUNT + 'senders = ["28444", "28444"]', "sender 28444 belongs to [[account]] shop already"),
        (
            ACCOUNT + 'senders = ["28444"]\n' + ACCOUNT.replace("shop", "bank") + 'senders = ["28444"]',
            "[[account]] bank: sender 28444 belongs to [[account]] shop already",
        ),
        (ACCOUNT + 'callback_username = "u"', "callback_username needs callback_password_file beside it"),
    ],
)
def test_one_mistake_is_one_problem(text: str, said: str) -> None:
    (problem,) = problems(text) if "locked" not in text and "twice" not in text else problems(text)[:1]

    assert said in problem


def test_a_variable_is_read_as_its_setting_s_type() -> None:
    (problem,) = problems(CARRIER, {"MM7_CARRIER__ACME__RATE": "fast"})

    assert problem == "MM7_CARRIER__ACME__RATE: wanted a whole number from 0 to 1000000, such as 50, not 'fast'"


class TestSecrets:
    def test_one_in_clear_is_told_where_it_belongs_and_not_repeated(self) -> None:
        (problem,) = problems(CARRIER + 'username = "u"\npassword = "hunter2"\npassword_file = "password"')

        assert problem == (
            "[[carrier]] acme: password is a secret: put it into a file that password_file names, or into "
            "MM7_CARRIER__ACME__PASSWORD"
        )

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('[store]\nurl = "postgresql://u:hunter2@h/d"', "put the whole URL into MM7_STORE__URL"),
            (CARRIER + 'proxy = "http://u:hunter2@proxy:3128"', "put the whole URL into MM7_CARRIER__ACME__PROXY"),
            (
                CARRIER.replace("mmsc", "u:hunter2@mmsc"),
                "credentials do not stand in a URL: there are settings for them",
            ),
            ('[store]\nurl = "postgres://u:hunter2@[h"', "not what stands there"),
            ('[media]\nallow = { url = "http://u:hunter2@h" }', "not what stands there"),
        ],
    )
    def test_nor_one_in_a_url(self, text: str, said: str) -> None:
        (problem,) = problems(text)

        assert said in problem
        assert "hunter2" not in problem

    @pytest.mark.parametrize(
        ("file", "said"),
        [
            ("two-lines", "what is in 'two-lines' is not one line of printable text"),
            ("empty", "what is in 'empty' is not one line of printable text"),
            ("latin-1", "'latin-1' is not UTF-8 text"),
            ("gone", "cannot read 'gone': No such file or directory"),
        ],
    )
    def test_a_file_that_holds_none(self, file: str, said: str) -> None:
        assert problems(CARRIER + f'username = "u"\npassword_file = "{file}"') == (
            f"[[carrier]] acme: password_file: {said}",
        )

    def test_a_variable_that_holds_none(self) -> None:
        (problem,) = problems(CARRIER + 'username = "u"', {"MM7_CARRIER__ACME__PASSWORD": "a\nb"})

        assert problem == "MM7_CARRIER__ACME__PASSWORD is not one line of printable text"

    def test_the_configuration_does_not_show_them(self) -> None:
        text = CARRIER + 'username = "u"\npassword_file = "password"\n' + ACCOUNT + 'api_key_file = "password"'

        assert "sesame" not in repr(config(text))


@pytest.mark.requirement("U-17")
class TestOpenCarrier:
    def test_on_a_public_listener_it_is_an_error(self) -> None:
        (problem,) = problems(PUBLIC + CARRIER)

        assert problem.startswith("[[carrier]] acme: anyone could post as this carrier: set inbound_username")

    @pytest.mark.parametrize(
        "guard", ['inbound_username = "a"\ninbound_password_file = "password"', 'inbound_allow = ["192.0.2.0/24"]']
    )
    def test_credentials_or_networks_guard_it(self, guard: str) -> None:
        assert not config(PUBLIC + CARRIER + guard).carriers[0].inbound.is_open

    def test_on_loopback_it_may_be_open(self) -> None:
        assert config(CARRIER).carriers[0].inbound.is_open

    def test_behind_a_proxy_loopback_guards_nothing(self) -> None:
        warnings = config('[server]\ntrusted_proxies = ["127.0.0.1"]\n' + CARRIER).warnings

        assert "[[carrier]] acme: who comes through the trusted proxies could post as this carrier" in warnings[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[server]\noperator_listen = "0.0.0.0:8081"', "operator_listen is not on loopback"),
        ('[server]\nlisten = "0.0.0.0:8080"', "public_url is not set"),
        (CARRIER, "there is no [[route]]"),
        ('[[account]]\nname = "shop"', "no postback_url and no URL for MOs and reports: they stay here"),
        ('[[account]]\nname = "shop"\nmo_url = "http://x/"', "no postback_url and no URL for reports: they stay here"),
    ],
)
def test_what_works_and_is_hardly_meant_is_a_warning(text: str, said: str) -> None:
    (warning,) = config(text).warnings

    assert said in warning


def test_an_account_with_both_urls_needs_no_third() -> None:
    assert config('[[account]]\nname = "shop"\nmo_url = "http://x/"\nreport_url = "http://x/"').warnings == ()


SCALARS = (
    st.none().map(lambda _none: "acme")
    | st.sampled_from([setting.example for section in SECTIONS for setting in section.settings])
    | st.text(max_size=8)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.dates()
)
KEYS = st.sampled_from([setting.field for section in SECTIONS for setting in section.settings]) | st.text(max_size=4)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))
ENTRIES = {
    section.name: st.fixed_dictionaries(
        {}, optional={setting.key: st.just(setting.example) | VALUES for setting in section.settings}
    )
    for section in SECTIONS
}
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        section.name: (st.lists(ENTRIES[section.name], max_size=2) if section.known_by else ENTRIES[section.name])
        | VALUES
        for section in SECTIONS
    },
) | st.dictionaries(KEYS, VALUES, max_size=3)
ENVIRONS = st.dictionaries(
    st.sampled_from(
        ["MM7_SERVER__LISTEN", "MM7_STORE__URL", "MM7_CARRIER__ACME__RATE", "MM7_CARRIER__1__URL", "MM7_X__Y"]
    ),
    st.text(max_size=8),
    max_size=2,
)


@given(document=DOCUMENTS, environ=ENVIRONS)
def test_any_toml_gives_a_configuration_or_problems_of_one_line(
    document: dict[str, object], environ: dict[str, str]
) -> None:
    try:
        told = parse(document, environ, ETC, files).warnings
    except ConfigError as error:
        told = error.problems or ("none told",)

    assert [line for line in told if line.splitlines() != [line] or line == "none told"] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CARRIER + "rate = 5\n[[route]]\ncarrier = 'acme'", "[[carrier]] acme: rate is not kept to"),
        (ACCOUNT + 'kind = "xml"', "[[account]] shop: kind xml is told by JSON"),
        (ACCOUNT + 'kind = "mm7"', "[[account]] shop: kind mm7 is told by JSON"),
        (ACCOUNT + 'api_key_file = "password"', "[[account]] shop: api_key_file is not used"),
        ('[media]\nallow = ["192.0.2.0/24"]', "[media]: allow is not used"),
    ],
)
def test_what_does_nothing_in_this_version_is_a_warning(text: str, said: str) -> None:
    (warning,) = config(text).warnings
    assert warning.startswith(said)
    assert "in this version" in warning
