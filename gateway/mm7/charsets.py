"""The charsets that a peer may name: those of Python that hold text, by the names they have and the names peers give
them.

A closed list, because a name from the wire must choose neither a module to import nor a codec that is none of a text
(idna, unicode_escape, hex) or takes quadratic time (punycode). UTF-7 is left out: it hides markup from who looks at
bytes.
"""

from encodings.aliases import aliases

_NO_TEXT = frozenset(
    {"base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec", "mbcs", "utf_7"}
)
_BESIDE = ("cp720", "cp737", "cp856", "cp874", "cp875", "cp1006", "koi8_t", "koi8_u", "utf_8_sig")
# Names that peers give to charsets, where Python's codec has another or is too narrow (interop M17).
_PEERS = {
    "utf:8": "utf_8",
    "ks_c_5601_1987": "cp949",
    "ksc5601": "cp949",
    "ks_c_5601": "cp949",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}
_TEXT = {name: codec for name, codec in aliases.items() if codec not in _NO_TEXT}
_CODECS = {codec: codec for codec in (*_TEXT.values(), *_BESIDE)} | _TEXT | _PEERS


def codec_named(charset: str) -> str | None:
    """Python's name of a charset as a peer writes it (`UTF-8`, `utf8`, `EUC-KR`); None where we know none."""
    return _CODECS.get(charset.strip().lower().replace("-", "_").replace(" ", "_"))


def decode_text(octets: bytes, charset: str) -> str:
    """Text in a charset that a peer names; what can't be decoded is replaced, an unknown charset is read as UTF-8."""
    return octets.decode(codec_named(charset) or "utf_8", "replace")
