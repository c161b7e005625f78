"""The contract: a WSDL and an XML schema for each of the eleven namespaces, out of the model table.

Pure, and the same bytes each time. spyne draws both from classes that are made of the table (types.py, service.py);
what it has no words for is mended (mend.py). It is imported when a contract is asked for, not with this package.
"""

from functools import lru_cache
from typing import Any

from lxml import etree

from gateway.mm7.contract import mend, readme, soap_schema
from gateway.mm7.versions import SOAP_11, Release

__all__ = ["application", "files", "soap_xsd", "wsdl", "xsd"]

#: What stands as address in the files: an example of RFC 2606, to be replaced by where the other side listens.
_NOWHERE = "https://mmsc.example/mm7"


def application(release: Release) -> Any:  # noqa: ANN401
    """The spyne Application with every operation of a release; its methods do nothing."""
    # spyne takes a fifth of a second to import and is needed for the contract alone.
    from gateway.mm7.contract.service import application as build  # noqa: PLC0415

    return build(release)


def wsdl(release: Release, url: str = _NOWHERE) -> bytes:
    """A WSDL 1.1 that needs no other file; `url` stands as the address of both ports."""
    definitions = _drawn(release, url)
    schemas = [mend.schema(_schema_in(definitions), release, soap_schema=None)]
    if schemas[0].nsmap.get("soap") == SOAP_11:
        schemas.insert(0, etree.fromstring(soap_schema.SOURCE))
    return mend.text(mend.wsdl(definitions, schemas))


@lru_cache(maxsize=2 * len(Release))
def xsd(release: Release, soap_location: str = soap_schema.NAME) -> bytes:
    """The XML schema of a release; from REL-5-MM7-1-2 on it imports `soap_xsd()` from `soap_location`."""
    return mend.text(mend.schema(_schema_in(_drawn(release, _NOWHERE)), release, soap_location))


def soap_xsd() -> bytes:
    """Our own schema of the SOAP attributes that a TransactionID may carry."""
    return mend.text(etree.fromstring(soap_schema.SOURCE))


def files() -> dict[str, bytes]:
    """Every file of `wsdl/` that is generated, by its name there."""
    found = {"README.md": readme.page().encode(), soap_schema.NAME: soap_xsd()}
    for release in Release:
        found[f"{release.suffix}.xsd"] = xsd(release)
        found[f"mm7-{release.suffix}.wsdl"] = wsdl(release)
    return found


def _drawn(release: Release, url: str) -> etree._Element:
    from gateway.mm7.contract.service import SOAP_OVER_HTTP  # noqa: PLC0415
    from gateway.mm7.contract.spyne_shim import Wsdl11  # noqa: PLC0415

    described = application(release)
    described.transport = SOAP_OVER_HTTP  # a spyne server that was made of it has set its own
    drawing = Wsdl11(described.interface)
    drawing.build_interface_document(url)
    return etree.fromstring(drawing.get_interface_document())


def _schema_in(definitions: etree._Element) -> etree._Element:
    found = definitions.find(".//{*}schema")
    assert found is not None
    return found
