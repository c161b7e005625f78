"""Imports spyne 2.14, its last release, on every Python we run on; nothing else of ours names spyne's modules.

spyne carries a copy of six that finds its `six.moves` in a way which Python 3.12 took away. The real six stands in for
it, on every version alike, while spyne is being imported and no longer. (spyne also imports cgi, which left the
standard library in 3.13: the package legacy-cgi puts it back.)
"""

import importlib
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from operator import attrgetter
from types import ModuleType
from typing import Any

_COPY = "spyne.util.six"


class _SixFinder(MetaPathFinder, Loader):
    """Finds `spyne.util.six` and what is below it, as a view of the module of the same name in the real six."""

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        if fullname == _COPY or fullname.startswith(f"{_COPY}."):
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _View(spec.name, importlib.import_module(spec.name.replace(_COPY, "six")))

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run: the real module did."""


class _View(ModuleType):
    """A module that answers with another one's names, also with those that come into being when asked for."""

    def __init__(self, name: str, real: ModuleType) -> None:
        super().__init__(name)
        self._real = real

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        if name == "get_function_name":  # the one thing that spyne's copy has beside the real six
            return attrgetter("__name__")
        return getattr(self._real, name)


@contextmanager
def _six_in_place() -> Iterator[None]:
    finder = _SixFinder()
    sys.meta_path.insert(0, finder)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # cgi is deprecated on 3.11 and 3.12; `break in finally` is from 3.14 on
            yield
    finally:
        sys.meta_path.remove(finder)


with _six_in_place():
    from spyne import Application, ComplexModel, MethodContext, ServiceBase, rpc
    from spyne.interface.wsdl import Wsdl11
    from spyne.model.complex import XmlAttribute, XmlData
    from spyne.model.primitive import ID, AnyUri, AnyXml, Boolean, DateTime, NMToken, Unicode
    from spyne.model.primitive.number import PositiveInteger
    from spyne.protocol.soap import Soap11
    from spyne.server import ServerBase

__all__ = [
    "ID",
    "AnyUri",
    "AnyXml",
    "Application",
    "Boolean",
    "ComplexModel",
    "DateTime",
    "MethodContext",
    "NMToken",
    "PositiveInteger",
    "ServerBase",
    "ServiceBase",
    "Soap11",
    "Unicode",
    "Wsdl11",
    "XmlAttribute",
    "XmlData",
    "rpc",
]
