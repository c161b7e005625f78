"""Frozen values made as fast as mutable ones.

A frozen dataclass sets each of its fields through `object.__setattr__`, which for a message of twenty fields costs five
times what plain stores do. `maker` gives a function that fills a mutable twin of the same slots and then turns that
into the frozen type: what comes out is an instance of it like any other.
"""

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")


def maker(type_: type[T]) -> Callable[..., T]:
    """A function that makes a frozen, slotted dataclass out of its fields, in their order and with their defaults.

    It calls no `__post_init__`: it is for types that have none.
    """
    fields = dataclasses.fields(type_)  # type: ignore[arg-type]  # which dataclass it is, the caller knows
    specification: list[Any] = [
        (field.name, field.type, dataclasses.field(default=field.default))  # a value never has a default_factory
        for field in fields
    ]

    def become(self: object) -> None:
        self.__class__ = type_

    twin = dataclasses.make_dataclass(
        f"_{type_.__name__}", specification, slots=True, namespace={"__post_init__": become}
    )
    return cast("Callable[..., T]", twin)
