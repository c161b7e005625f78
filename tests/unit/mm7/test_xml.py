"""Envelopes into trees: charsets that lie, what is refused before it costs anything, and exact places."""

import pytest

from gateway.mm7 import Dialect, Unreadable
from gateway.mm7 import findings as rules
from gateway.mm7.findings import Findings
from gateway.mm7.limits import MAX_ENVELOPE, MAX_NAMESPACE, MAX_XML_DEPTH, MAX_XML_ELEMENTS
from gateway.mm7.xml import Document, parse_document, recover
from tests.unit.mm7.samples import SUBMIT, message, refused, seen


def parsed(octets: bytes, charset: str = "", offset: int = 0, *, prefixes: bool = False) -> tuple[Document, list[str]]:
    found = Findings()
    document = parse_document(memoryview(octets), offset, charset, found, prefixes=prefixes)
    return document, [finding.key for finding in found.all()]


def refusal(octets: bytes, *, prefixes: bool = False) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        parsed(octets, prefixes=prefixes)
    return caught.value


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    ("octets", "charset", "encoding", "keys"),
    [
        ("<a>ü</a>".encode(), "", "utf-8", []),
        ('<?xml version="1.0" encoding="UTF-8"?><a>ü</a>'.encode(), "", "utf-8", []),
        ("\ufeff<a>ü</a>".encode(), "", "utf-8", []),
        ('<?xml version="1.0" encoding="utf-16"?><a>ü</a>'.encode("utf-16-le"), "", "utf-16-le", []),
        ("\ufeff<a>ü</a>".encode("utf-16-be"), "", "utf-16-be", []),
        ("<a>ü</a>".encode("utf-16-be"), "", "utf-16-be", []),
        ("<a>ü</a>".encode("latin-1"), "iso-8859-1", "latin_1", []),
        ('<?xml version="1.0" encoding="iso-8859-1"?><a>ü</a>'.encode("latin-1"), "", "latin_1", []),
        ('<?xml version="1.0" encoding="euc-kr"?><a>ü</a>'.encode(), "", "utf-8", ["xml.charset-lie"]),
        ('<?xml version="1.0" encoding="us-ascii"?><a>ü</a>'.encode(), "", "utf-8", []),
        ('<?xml version="1.0" encoding="x-own"?><a>ü</a>'.encode(), "", "utf-8", []),
    ],
)
def test_the_encoding_is_told_from_the_bytes(octets: bytes, charset: str, encoding: str, keys: list[str]) -> None:
    document, found = parsed(octets, charset)
    assert (document.root.text, document.charset, found) == ("ü", encoding, keys)


@pytest.mark.requirement("M-21")
def test_ascii_that_is_declared_as_utf_16_is_a_lie() -> None:
    document, keys = parsed(b'<?xml version="1.0" encoding="utf-16"?><a>u</a>')
    assert (document.root.text, keys) == ("u", ["xml.charset-lie"])


def test_a_seven_bit_charset_is_believed_though_its_bytes_are_ascii() -> None:
    document, keys = parsed('<?xml version="1.0" encoding="iso-2022-jp"?><a>漢</a>'.encode("iso-2022-jp"))
    assert (document.root.text, document.charset, keys) == ("漢", "iso2022_jp", [])


@pytest.mark.requirement("M-21")
def test_bytes_in_no_charset_that_is_named_are_guessed_at() -> None:
    document, keys = parsed('<?xml version="1.0" encoding="utf-8"?><a>한글</a>'.encode("cp949"))
    assert (document.root.text, document.charset, keys) == ("한글", "cp949", ["xml.charset-guessed"])


def test_bytes_in_no_charset_at_all_are_replaced() -> None:
    document, keys = parsed(b'<?xml version="1.0" encoding="utf-8"?><a>\xff\xff</a>')
    assert (document.root.text, keys) == ("\ufffd\ufffd", ["xml.charset-guessed"])


def test_half_a_surrogate_is_replaced() -> None:
    document, keys = parsed("\ufeff<a>u".encode("utf-16-le") + b"\x00\xd8" + "</a>".encode("utf-16-le"))
    assert (document.root.text, keys) == ("u\ufffd", ["xml.charset-guessed"])


def test_blanks_before_the_declaration_are_skipped() -> None:
    document, keys = parsed(b'\r\n <?xml version="1.0"?><a/>', offset=10)
    assert (document.offset, keys) == (13, ["xml.leading"])
    assert parsed(b"\n<a/>")[1] == []


@pytest.mark.requirement("U-08")
def test_an_elements_place_is_that_of_its_start_tag() -> None:
    octets = b'<a><!-- <b> --><b x="1>2"/>\n<?b <b/>?><![CDATA[<b/>]]><b><c/></b></a>'
    document, _ = parsed(octets, offset=100)
    first, second = document.root
    assert document.offset_of(document.root) == 100
    assert document.offset_of(first) == 100 + octets.index(b"<b x")
    assert document.offset_of(second) == 100 + octets.index(b"<b><c")
    assert document.offset_of(second[0]) == 100 + octets.index(b"<c/>")


@pytest.mark.requirement("U-08")
def test_a_place_is_counted_in_the_bytes_of_the_body_not_in_those_of_utf_8() -> None:
    octets = "<a>ü<b/></a>".encode("latin-1")
    document, _ = parsed(octets, "latin-1")
    assert document.offset_of(document.root[0]) == octets.index(b"<b/>")


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize("prolog", [b"", b"<?xml version='1.0'?>\n", b"<!-- <!DOCTYPE a> -->", b"<?a <!DOCTYPE?> \n"])
def test_a_document_type_is_refused(prolog: bytes) -> None:
    error = refusal(prolog + b'<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>')
    assert (error.rule, error.offset) == (rules.XML_DOCTYPE, len(prolog))


def test_the_word_doctype_may_stand_in_a_text() -> None:
    assert parsed(b"<a><![CDATA[<!DOCTYPE a>]]></a>")[0].root.text == "<!DOCTYPE a>"


@pytest.mark.requirement("M-21")
def test_the_limits_of_an_envelope() -> None:
    assert refusal(b"<a>" + b"x" * MAX_ENVELOPE + b"</a>").rule is rules.XML_TOO_LARGE
    assert refusal(b"<a>" + b"<b/>" * MAX_XML_ELEMENTS + b"</a>").rule is rules.XML_TOO_MANY
    deep = MAX_XML_DEPTH + 1
    assert refusal(b"<a>" * deep + b"</a>" * deep).rule is rules.XML_TOO_DEEP
    assert parsed(b"<a>" * MAX_XML_DEPTH + b"</a>" * MAX_XML_DEPTH)[1] == []
    assert parsed(b"<a>" + b"<b/>" * (MAX_XML_ELEMENTS - 1) + b"</a>")[1] == []


@pytest.mark.requirement("M-21")
def test_a_namespace_that_costs_its_length_for_each_element_is_refused() -> None:
    long = b"u" * MAX_NAMESPACE
    assert refusal(b'<a xmlns="' + long + b'">' + b"<b/>" * 100 + b"</a>").rule is rules.XML_TOO_LARGE


@pytest.mark.requirement("M-21")
def test_what_is_not_well_formed_is_refused_with_its_place_and_what_could_be_made_out() -> None:
    octets = message("SubmitReq", SUBMIT + "<Subject>ü").replace(b"</SubmitReq>", b"</Submit>")
    error = refused(octets)
    assert error.rule is rules.XML_MALFORMED
    assert octets[: error.offset].rstrip().endswith((b"</Submit>", b"<Subject>\xc3\xbc"))
    assert (error.operation, error.transaction_id) == ("SubmitReq", "t-1")


@pytest.mark.requirement("M-21")
def test_what_stands_behind_the_envelope_is_cut_off() -> None:
    _, keys = seen(message("SubmitReq", SUBMIT) + b"\n</e:Envelope>")
    assert keys == ["xml.trailing"]
    assert refused(message("SubmitReq", SUBMIT + "<a>") + b"tail").rule is rules.XML_MALFORMED


@pytest.mark.requirement("U-07")
def test_undeclared_prefixes_are_accepted_where_the_profile_says_so() -> None:
    octets = message("SubmitReq", SUBMIT + "<x:Subject>Hi</x:Subject>")
    assert refused(octets).rule is rules.XML_MALFORMED
    envelope, keys = seen(octets, dialect=Dialect(undeclared_prefixes=True))
    assert envelope.message.subject == "Hi"  # type: ignore[union-attr]
    assert "xml.prefix-undeclared" in keys


@pytest.mark.requirement("U-07")
def test_nothing_else_is_accepted_with_them() -> None:
    error = refusal(b"<a><x:b></x:b><c></a>", prefixes=True)
    assert error.rule is rules.XML_MALFORMED
    assert "Namespace" not in error.text


@pytest.mark.requirement("M-21")
def test_a_namespace_that_is_no_uri_is_read_as_it_is_written() -> None:
    assert parsed(b'<a xmlns="not a uri"/>')[1] == ["xml.namespace-uri"]


@pytest.mark.requirement("M-16")
@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (b"<x:SubmitReq><y:TransactionID a='b'> t&amp;1 </y:TransactionID>", ("SubmitReq", "t&1")),
        (b"<TransactionID>t\x00\x011</TransactionID>", (None, "t\ufffd\ufffd1")),
        (b"<TransactionID> </TransactionID><RSErrorRsp", ("RSErrorRsp", None)),
        (b"<TransactionID>a&#13;b&#x41;&quot;&apos;&lt;&gt;</TransactionID>", (None, "a\rbA\"'<>")),
        (
            b"<TransactionID>&amp;#13;&#0;&#xD800;&#x110000;&#9999999;&nbsp;</",
            (None, "&#13;" + "\ufffd" * 4 + "&nbsp;"),
        ),
        (b"<TransactionID>" + b"x" * 1024 + b"</TransactionID>", (None, "x" * 1024)),
        (b"<TransactionID>" + b"x" * 1025 + b"</TransactionID>", (None, None)),
        (b"nothing", (None, None)),
    ],
)
def test_operation_and_transaction_id_are_recovered_for_the_answer(octets: bytes, found: tuple[str, str]) -> None:
    assert recover(octets) == found
