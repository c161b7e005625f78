"""The generated WSDLs and schemas: what they say, that they are current, and that spyne is loaded for them alone."""

import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from gateway.mm7 import contract
from gateway.mm7.contract import spyne_shim
from gateway.mm7.model import operations_in
from gateway.mm7.versions import SOAP_11, Release
from tests import oracle

WSDL_DIRECTORY = Path(__file__).resolve().parents[3] / "wsdl"
NAMESPACES = {
    "wsdl": "http://schemas.xmlsoap.org/wsdl/",
    "soap": "http://schemas.xmlsoap.org/wsdl/soap/",
    "xs": "http://www.w3.org/2001/XMLSchema",
}
every_release = pytest.mark.parametrize("release", Release, ids=lambda release: release.suffix)
with_official = pytest.mark.parametrize(
    "release", [release for release in Release if not release.inferred], ids=lambda release: release.suffix
)


def found(document: bytes, path: str) -> list[etree._Element]:
    return etree.fromstring(document).findall(path, NAMESPACES)


@pytest.mark.requirement("C-05")
def test_the_files_in_the_tree_are_what_would_be_generated() -> None:
    files = contract.files()

    assert {path.name for path in WSDL_DIRECTORY.iterdir()} == set(files), "run `make docs`"
    assert [name for name in files if (WSDL_DIRECTORY / name).read_bytes() != files[name]] == [], "run `make docs`"


@pytest.mark.requirement("M-04")
@with_official
def test_a_schema_says_what_the_official_one_says(release: Release, shared_dir: Path) -> None:  # noqa: ARG001
    ours = oracle.facts(contract.xsd(release))

    assert oracle.comparable(ours) == oracle.comparable(oracle.reference()[release.suffix])


def test_the_inferred_schema_differs_from_the_one_before_it_by_a_version_alone() -> None:
    inferred, before = (oracle.facts(contract.xsd(release)) for release in (Release.R5_5, Release.R5_4))

    inferred["simpleTypes"]["versionType"]["enum"].remove("5.10.0")

    assert inferred | {"namespace": before["namespace"]} == before
    assert b"Inferred" in contract.xsd(Release.R5_5)


@every_release
def test_a_schema_needs_nothing_but_our_own_of_the_soap_attributes(release: Release) -> None:
    schema = oracle.Schema(contract.xsd(release), {"soap-attributes.xsd": contract.soap_xsd()})
    transaction = etree.Element(f"{{{release.uri}}}TransactionID")
    transaction.text = "1"
    plain = schema.valid(transaction)

    transaction.set(f"{{{SOAP_11}}}mustUnderstand", "1")
    transaction.set(f"{{{SOAP_11}}}actor", "urn:next")
    transaction.set(f"{{{SOAP_11}}}encodingStyle", "http://schemas.xmlsoap.org/soap/encoding/")

    # Up to REL-5-MM7-1-1 TransactionID is a bare NMTOKEN.
    assert plain
    assert schema.valid(transaction) is (release >= Release.R5_2)


def test_the_soap_attributes_may_lie_elsewhere() -> None:
    (imported,) = found(contract.xsd(Release.R6_4, soap_location="?xsd=soap"), "xs:import")

    assert imported.get("schemaLocation") == "?xsd=soap"


@pytest.mark.requirement("M-02", "M-04")
@every_release
def test_a_wsdl_has_every_operation_on_the_port_of_the_side_that_answers_it(release: Release) -> None:
    document = contract.wsdl(release, "https://gateway.example/mm7/v1/")

    ports = {
        str(port.get("name")): {str(operation.get("name")) for operation in port.findall("wsdl:operation", NAMESPACES)}
        for port in found(document, "wsdl:portType")
    }
    requests = {operation.name for operation in operations_in(release) if operation.is_request}
    assert ports["MM7VASP"] == {"DeliverReq", "DeliveryReportReq", "ReadReplyReq"}
    assert ports["MM7RelayServer"] == requests - ports["MM7VASP"]
    addresses = {address.get("location") for address in found(document, ".//soap:address")}
    assert addresses == {"https://gateway.example/mm7/v1/"}


@every_release
def test_a_wsdl_binds_document_literal_with_the_transaction_id_in_the_header(release: Release) -> None:
    document = contract.wsdl(release)

    for binding in found(document, "wsdl:binding"):
        (soap,) = binding.findall("soap:binding", NAMESPACES)
        assert (soap.get("style"), soap.get("transport")) == ("document", "http://schemas.xmlsoap.org/soap/http")
        for operation in binding.findall("wsdl:operation", NAMESPACES):
            assert [soap.get("soapAction") for soap in operation.findall("soap:operation", NAMESPACES)] == [""]
            assert {body.get("use") for body in operation.iter("{*}body")} == {"literal"}
            assert [header.get("part") for header in operation.iter("{*}header")] == ["TransactionID", "TransactionID"]
            (fault,) = operation.findall("wsdl:fault", NAMESPACES)
            assert (
                fault.get("name")
                == {"MM7RelayServer": "RSErrorRsp", "MM7VASP": "VASPErrorRsp"}[str(binding.get("name"))]
            )


@every_release
def test_a_wsdl_holds_its_schemas(release: Release) -> None:
    schemas = found(contract.wsdl(release), "wsdl:types/xs:schema")

    assert schemas[-1].get("targetNamespace") == release.uri
    assert [schema.get("targetNamespace") for schema in schemas[:-1]] == [SOAP_11][: release >= Release.R5_2]
    assert all(location.get("schemaLocation") is None for location in schemas[-1].findall("xs:import", NAMESPACES))
    source = etree.tostring(schemas[-1])
    assert oracle.facts(source) == oracle.facts(contract.xsd(release))


@pytest.mark.parametrize("module", ["gateway.mm7", "gateway.mm7.contract"])
def test_spyne_is_loaded_only_when_a_contract_is_asked_for(module: str) -> None:
    script = f"import sys, {module}; sys.exit(any(name.split('.')[0] == 'spyne' for name in sys.modules))"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.requirement("C-04")
def test_spyne_is_imported_with_the_real_six_and_leaves_no_finder_behind() -> None:
    six = sys.modules["spyne.util.six"]

    assert spyne_shim.Application.__module__ == "spyne.application"
    assert six.get_function_name(spyne_shim.rpc) == "rpc"
    assert six.text_type is str
    assert not any(type(finder).__module__ == spyne_shim.__name__ for finder in sys.meta_path)
