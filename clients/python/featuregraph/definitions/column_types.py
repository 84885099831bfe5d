from __future__ import annotations

import builtins
import datetime
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from typing_extensions import Unpack

from .described import Described, Json, described

if TYPE_CHECKING:
    from .feature_views import FeatureView
    from .selected_features import SelectedFeature

T_co = TypeVar("T_co", covariant=True)
Element = TypeVar("Element")


class ColumnOptions(Described, total=False):
    """What may be said of a column besides what it is."""

    column: str
    graphql_name: str
    inaccessible: builtins.bool


class ColumnType(Generic[T_co]):
    """A typed column. As an attribute of a class of views it is a feature: `stats.conv_rate`."""

    __slots__ = ("options", "type")

    def __init__(self, type: str, options: Json) -> None:
        self.type = type
        self.options = options

    @overload
    def __get__(self, instance: None, owner: builtins.type[object]) -> ColumnType[T_co]: ...
    @overload
    def __get__(self, instance: FeatureView, owner: builtins.type[object]) -> SelectedFeature[T_co]: ...
    def __get__(
        self, instance: FeatureView | None, owner: builtins.type[object]
    ) -> ColumnType[T_co] | SelectedFeature[T_co]:
        if instance is None:
            return self
        return instance.feature_of(self)

    def __repr__(self) -> str:
        return f"<column of {self.type}>"


def _column(type: str, description: str | None, options: ColumnOptions) -> ColumnType[Any]:
    if description is not None:
        options = {**options, "description": description}
    written = described(options)
    if "graphql_name" in written:
        written["graphqlName"] = written.pop("graphql_name")
    return ColumnType(type, written)


def bool(text: str | None = None, /, **options: Unpack[ColumnOptions]) -> ColumnType[builtins.bool]:
    return _column("BOOL", text, options)


def int32(text: str | None = None, /, **options: Unpack[ColumnOptions]) -> ColumnType[int]:
    return _column("INT32", text, options)


def int64(text: str | None = None, /, **options: Unpack[ColumnOptions]) -> ColumnType[int]:
    return _column("INT64", text, options)


def float32(text: str | None = None, /, **options: Unpack[ColumnOptions]) -> ColumnType[float]:
    return _column("FLOAT32", text, options)


def float64(text: str | None = None, /, **options: Unpack[ColumnOptions]) -> ColumnType[float]:
    return _column("FLOAT64", text, options)


def string(text: str | None = None, /, **options: Unpack[ColumnOptions]) -> ColumnType[str]:
    return _column("STRING", text, options)


def bytes(text: str | None = None, /, **options: Unpack[ColumnOptions]) -> ColumnType[builtins.bytes]:
    return _column("BYTES", text, options)


def date(text: str | None = None, /, **options: Unpack[ColumnOptions]) -> ColumnType[datetime.date]:
    return _column("DATE", text, options)


def timestamp(text: str | None = None, /, **options: Unpack[ColumnOptions]) -> ColumnType[datetime.datetime]:
    """In answers aware, in UTC, to the microsecond."""
    return _column("TIMESTAMP", text, options)


def list(
    element: ColumnType[Element], text: str | None = None, /, **options: Unpack[ColumnOptions]
) -> ColumnType[builtins.list[Element | None]]:
    """Arrays of a type, as `list(int32())`."""
    return _column(f"{element.type}[]", text, options)


def vector(
    dimensions: int,
    metric: Literal["COSINE", "DOT", "L2"],
    text: str | None = None,
    /,
    **options: Unpack[ColumnOptions],
) -> ColumnType[builtins.list[float]]:
    """An embedding."""
    return _column(f"VECTOR({dimensions}, {metric})", text, options)
