"""One spyne Application a schema: the operations that each side answers, document/literal.

The TransactionID is a SOAP Header of each message, the error responses are faults.
"""

from functools import lru_cache
from typing import Any

from gateway.mm7.contract import spyne_shim as spyne
from gateway.mm7.contract.shape import operation_type
from gateway.mm7.contract.types import Types
from gateway.mm7.model import OPERATIONS, Direction, Operation, operations_in
from gateway.mm7.versions import Release

SOAP_OVER_HTTP = "http://schemas.xmlsoap.org/soap/http"
#: Whose port an operation belongs to: that of the side which answers it.
PORTS = {Direction.TO_RELAY: "MM7RelayServer", Direction.TO_VASP: "MM7VASP"}
#: How that side refuses a request: in the detail of a SOAP Fault.
_ERRORS = {Direction.TO_RELAY: "RSErrorRsp", Direction.TO_VASP: "VASPErrorRsp"}


@lru_cache(maxsize=len(Release))
def application(release: Release) -> Any:  # noqa: ANN401
    """The spyne Application of a release: one, as spyne registers each by its name. Its methods answer nothing."""
    types = Types(release)
    services = [_service(direction, types, release) for direction in PORTS]
    return spyne.Application(
        services, tns=release.uri, name="MM7", in_protocol=spyne.Soap11(), out_protocol=spyne.Soap11()
    )


def _service(direction: Direction, types: Types, release: Release) -> Any:  # noqa: ANN401
    methods: dict[str, Any] = {
        operation.name: _method(operation, types)
        for operation in operations_in(release)
        if operation.is_request and operation.direction is direction
    }
    header = types["TransactionID"]
    body = {
        "__in_header__": header,
        "__out_header__": header,
        "__service_name__": "MM7",
        "__port_types__": [PORTS[direction]],
    }
    return type(spyne.ServiceBase)(PORTS[direction], (spyne.ServiceBase,), {**body, **methods})


def _method(request: Operation, types: Types) -> Any:  # noqa: ANN401
    assert request.answer is not None
    response = OPERATIONS[request.answer]

    def answer(_context: object, _message: object) -> None: ...

    answer.__name__ = request.name  # spyne knows methods by it
    answer.__doc__ = f"TS 23.140 {request.clause}, {request.direction.value}"
    return spyne.rpc(
        types[operation_type(request)],
        _returns=types[operation_type(response)],
        _body_style="bare",
        _in_message_name=request.name,
        _out_message_name=response.name,
        _throws=types[_ERRORS[request.direction]],
        _port_type=PORTS[request.direction],
    )(answer)
