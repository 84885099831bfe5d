from __future__ import annotations

import builtins
from typing import Any, Generic, TypeVar

from typing_extensions import Unpack

from .column_types import ColumnOptions, ColumnType
from .described import Json, described, given

K = TypeVar("K")
T = TypeVar("T")


class WindowOptions(ColumnOptions, total=False):
    """How a window lies, and what may be said of the feature."""

    hop: str
    """In which steps it begins, as 5m; exactly when left out."""
    offset: str
    """How far before the instant it ends."""
    inclusive: builtins.bool
    """Whether an event at the very instant counts."""
    filter: str
    """Which events count, in CEL."""
    default: str
    """The value of a window without any, as JSON writes it."""


class Windowed(Generic[T]):
    """A function of the events of a window, which is still to be said: `sum("amount", float64()).over("7d")`."""

    __slots__ = ("_column", "_own", "_type")

    def __init__(self, type: str, column: str | None, own: Json) -> None:
        self._type = type
        self._column = column
        self._own = own

    def over(self, window: str, text: str | None = None, /, **options: Unpack[WindowOptions]) -> ColumnType[T]:
        """As 90s, 1h or 30d, or FOREVER."""
        if text is not None:
            options = {**options, "description": text}
        written = described(options)
        lying = {name: written.pop(name, None) for name in ("hop", "offset", "inclusive", "filter", "default")}
        if "graphql_name" in written:
            written["graphqlName"] = written.pop("graphql_name")
        aggregation = {**self._own, "window": window, **given(**lying)}
        return ColumnType(self._type, {**given(column=self._column), **written, "aggregation": aggregation})


class Aggregate(Windowed[T]):
    """The same of one value, or of one for each value of another column."""

    __slots__ = ()

    def secondary_key(self, column: str, of: ColumnType[K]) -> Windowed[dict[K, T | None]]:
        """A value for each value of a column: `sum("amount", float64()).secondary_key("shop", string()).over("7d")`."""
        return Windowed(f"MAP({of.type}, {self._type})", self._column, {**self._own, "secondaryKey": column})


def count(column: str | None = None, of: ColumnType[Any] | None = None) -> Aggregate[int]:
    """How many events there are, or how many of them have a value in a column."""
    return Aggregate("INT64", column, {"function": "COUNT", **given(of=None if of is None else of.type)})


def count_distinct(column: str, of: ColumnType[Any], *, limit: int | None = None) -> Aggregate[int]:
    return Aggregate("INT64", column, {"function": "COUNT_DISTINCT", "of": of.type, **given(limit=limit)})


def sum(column: str, of: ColumnType[T]) -> Aggregate[T]:
    """Of integers an INT64, of other numbers a FLOAT64."""
    return Aggregate("INT64" if of.type.startswith("INT") else "FLOAT64", column, {"function": "SUM", "of": of.type})


def mean(column: str, of: ColumnType[Any]) -> Aggregate[float]:
    return Aggregate("FLOAT64", column, {"function": "MEAN", "of": of.type})


def variance(column: str, of: ColumnType[Any]) -> Aggregate[float]:
    return Aggregate("FLOAT64", column, {"function": "VARIANCE", "of": of.type})


def stddev(column: str, of: ColumnType[Any]) -> Aggregate[float]:
    return Aggregate("FLOAT64", column, {"function": "STDDEV", "of": of.type})


def quantile(column: str, rank: float, of: ColumnType[Any]) -> Aggregate[float]:
    """A value within 1 % of the one of that rank, as 0.99."""
    return Aggregate("FLOAT64", column, {"function": "QUANTILE", "of": of.type, "quantile": rank})


def min(column: str, of: ColumnType[T]) -> Aggregate[T]:
    return Aggregate(of.type, column, {"function": "MIN"})


def max(column: str, of: ColumnType[T]) -> Aggregate[T]:
    return Aggregate(of.type, column, {"function": "MAX"})


def first(column: str, of: ColumnType[T]) -> Aggregate[T]:
    return Aggregate(of.type, column, {"function": "FIRST"})


def last(column: str, of: ColumnType[T]) -> Aggregate[T]:
    return Aggregate(of.type, column, {"function": "LAST"})


def last_k(column: str, k: int, of: ColumnType[T]) -> Windowed[builtins.list[T]]:
    """The newest `k`, the newest first."""
    return Windowed(f"{of.type}[]", column, {"function": "LAST_K", "k": k})


def collect_distinct(column: str, of: ColumnType[T], *, limit: int | None = None) -> Windowed[builtins.list[T]]:
    """The different values, in their order."""
    return Windowed(f"{of.type}[]", column, {"function": "COLLECT_DISTINCT", **given(limit=limit)})
