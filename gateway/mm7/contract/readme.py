"""The page that stands beside the generated files: what they are, how they were made, how they differ."""

from gateway.mm7.contract.mend import MENDED
from gateway.mm7.contract.soap_schema import NAME as SOAP_NAME
from gateway.mm7.model import OPERATIONS, operations_in
from gateway.mm7.versions import SCHEMA_BASE, VERSIONS, Release

#: How the text of our schemas differs from the published ones' although both say the same.
DIFFERENCES = (
    (
        "groups and attribute groups are written out where they are used",
        "spyne has no word for them, and no validator tells the difference",
    ),
    ("definitions come in another order and without annotations", "they are written anew, not copied"),
    (
        f"SOAP's attributes are imported from `{SOAP_NAME}`, which has only those three",
        "that schema is ours: the published one is not, and a TransactionID needs no more of it",
    ),
)


def page() -> str:
    """The page in Markdown."""
    return f"""\
# WSDL and XML schemas of MM7

Generated from the gateway's model of the protocol (`gateway/mm7/messages.py`) by `make docs`, or anywhere by
`mm7 wsdl --out DIR`. Don't change them by hand: a test compares them with what would be generated.

| namespace | MM7Version | operations | schema | WSDL |
|---|---|---|---|---|
{_releases()}
The namespace is `{SCHEMA_BASE}` and the name. A WSDL needs no other file;
a schema imports `{SOAP_NAME}` from REL-5-MM7-1-2 on. Each WSDL has two ports: `MM7RelayServer` is what a
carrier (or this gateway, toward customers) answers, `MM7VASP` is what a customer (or this gateway, toward carriers)
answers. The addresses in the files are examples.

REL-5-MM7-1-5 is inferred: its name is known, its schema is not public. It is REL-5-MM7-1-4 with MM7Version 5.10.0
added, the one version that later schemas list and no other of Rel-5 does.

## How they are made
[spyne](http://spyne.io) draws schema and WSDL from classes that are made of the model. What it has no words for is
mended afterwards:

| mended | where |
|---|---|
{_table(MENDED)}
## How they differ from the published schemas
In nothing that they say: elements, their order and number, types and their names, attributes, defaults and enumerations
are equal in all ten (a test compares each of them). How they say it differs:

| difference | reason |
|---|---|
{_table(DIFFERENCES)}
"""


def _releases() -> str:
    lines = []
    for release in Release:
        operations = operations_in(release)
        number = "all" if len(operations) == len(OPERATIONS) else f"{len(operations)}, none extended"
        name = f"{release.suffix}{' (inferred)' if release.inferred else ''}"
        files = f"[xsd]({release.suffix}.xsd) | [wsdl](mm7-{release.suffix}.wsdl)"
        lines.append(f"| {name} | {', '.join(VERSIONS[release])} | {number} | {files} |\n")
    return "".join(lines)


def _table(rows: tuple[tuple[str, str], ...]) -> str:
    return "".join(f"| {left} | {right} |\n" for left, right in rows)
