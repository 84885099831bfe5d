"""Data frames of polars and pandas: what their columns are, and how columns of ours become theirs."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from importlib import import_module
from typing import Any, cast

from .errors import FeaturegraphError, invalid

Columns = Mapping[str, tuple[str, Sequence[object]]]
"""Type and values by name, the values as `typed_value` makes them."""


def library(name: str) -> Any:
    """A library that is an extra of this package."""
    try:
        return import_module(name)
    except ModuleNotFoundError as missing:
        extra = "pandas" if name.startswith("pyarrow") else name
        message = f"This needs {name}, which is not installed: pip install 'featuregraph[{extra}]'."
        raise FeaturegraphError("UNSUPPORTED", message) from missing


def library_of(frame: object) -> str | None:
    """Whether something is a frame, of polars or of pandas; neither is imported to find out."""
    root = type(frame).__module__.partition(".")[0]
    return root if root in ("polars", "pandas") and type(frame).__name__ == "DataFrame" else None


def column_names(frame: object) -> list[str]:
    """Those that have names: in pandas numbers and tuples may stand for some, and no key or time is called so."""
    return [one for one in cast("Any", frame).columns if isinstance(one, str)]


def column_types(frame: object, leaving_out: Collection[str] = ()) -> dict[str, str]:
    """Our type of each column; those that have none are all named in one error."""
    plain = cast("Any", frame)
    is_polars = library_of(frame) == "polars"
    types: dict[str, str] = {}
    refused: list[str] = []
    for name in plain.columns:
        if name in leaving_out:
            continue
        column = plain[name]
        if not isinstance(name, str):
            refused.append(f"{name}, which is no name")
            continue
        type = _type_of_polars(column.dtype) if is_polars else _type_of_pandas(column)
        if type is None:
            refused.append(f"{name} ({column.dtype})")
        else:
            types[name] = type
    if refused:
        raise invalid("frame", f"has columns of no type of ours: {', '.join(refused)}.", "Cast or drop them.")
    return types


_POLARS = {
    "Boolean": "BOOL",
    **dict.fromkeys(("Int8", "Int16", "Int32", "UInt8", "UInt16"), "INT32"),
    **dict.fromkeys(("Int64", "UInt32", "UInt64"), "INT64"),
    "Float32": "FLOAT32",
    "Float64": "FLOAT64",
    **dict.fromkeys(("String", "Categorical", "Enum"), "STRING"),
    "Binary": "BYTES",
    "Date": "DATE",
    "Datetime": "TIMESTAMP",
}


def _type_of_polars(dtype: Any) -> str | None:
    kind = dtype.base_type().__name__
    if kind == "Array" and dtype.inner.is_float() and len(dtype.shape) == 1:
        return f"VECTOR({dtype.size}, COSINE)"
    if kind == "List":
        element = _type_of_polars(dtype.inner)
        return None if element is None or not element.isalnum() else f"{element}[]"
    return _POLARS.get(kind)


_PANDAS = {
    **dict.fromkeys(("bool", "boolean"), "BOOL"),
    **dict.fromkeys(("int8", "int16", "int32", "uint8", "uint16"), "INT32"),
    **dict.fromkeys(("int64", "uint32", "uint64"), "INT64"),
    "float32": "FLOAT32",
    "float64": "FLOAT64",
    **dict.fromkeys(("str", "string", "category"), "STRING"),
}
_OBJECTS = {
    "bool": "BOOL",
    "int": "INT64",
    "float": "FLOAT64",
    "str": "STRING",
    "bytes": "BYTES",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "Timestamp": "TIMESTAMP",
}


def _type_of_pandas(column: Any) -> str | None:
    dtype = str(column.dtype)
    if dtype.startswith("datetime64"):
        return "TIMESTAMP"
    if dtype != "object":
        return _PANDAS.get(dtype.lower())
    kinds = {type(one).__name__ for one in column.dropna()}
    return _OBJECTS.get(kinds.pop()) if len(kinds) == 1 else None


def column_values(frame: object, name: str) -> list[object]:
    """The values of one column, None where there is none."""
    column = cast("Any", frame)[name]
    if library_of(frame) == "polars":
        return column.to_list()
    return column.astype(object).where(column.notna(), None).tolist()


def arrow_of(frame: object, names: Collection[str], days: Collection[str] = ()) -> bytes | None:
    """
    These columns as Arrow's stream; None where the library has no type of Arrow for one, and what its values are can
    only be said one by one. Midnights of the columns `days` become days.
    """
    plain = cast("Any", frame)
    if library_of(frame) == "polars":
        polars = library("polars")
        chosen = plain.select(list(names))
        if polars.Object in chosen.dtypes:
            return None
        written = io.BytesIO()
        chosen.write_ipc_stream(written, compat_level=polars.CompatLevel.oldest())
        return written.getvalue()
    return _arrow_of_pandas(plain[list(names)], days)


def _arrow_of_pandas(frame: Any, days: Collection[str]) -> bytes | None:
    try:
        arrow = library("pyarrow")
    except FeaturegraphError:
        # pandas alone is enough for what goes by JSON.
        return None
    plain = frame.assign(**{name: frame[name].astype(object) for name in frame if str(frame[name].dtype) == "category"})
    try:
        table = arrow.Table.from_pandas(plain, preserve_index=False)
        for at, name in enumerate(table.column_names):
            if name in days and arrow.types.is_timestamp(table.schema.types[at]):
                table = table.set_column(at, name, table.column(at).cast(arrow.date32()))
    except (arrow.ArrowException, TypeError, ValueError, OverflowError):
        return None
    written = io.BytesIO()
    with arrow.ipc.new_stream(written, table.schema) as stream:
        stream.write_table(table)
    return written.getvalue()


def part_of(frame: object, at: int, count: int) -> Any:
    """So many rows from one on, whatever their index."""
    plain = cast("Any", frame)
    return plain.slice(at, count) if library_of(frame) == "polars" else plain.iloc[at : at + count]


def height(frame: object) -> int:
    return len(cast("Any", frame))


def polars_frame(columns: Columns) -> Any:
    polars = library("polars")
    return polars.DataFrame(
        [
            polars.Series(name, _polars_values(type, values), dtype=_polars_dtype(polars, type), strict=True)
            for name, (type, values) in columns.items()
        ]
    )


def _polars_values(type: str, values: Sequence[object]) -> Sequence[object]:
    """Maps as their entries: polars takes them for maps, and for the lists that it has where it has no maps yet."""
    if not type.startswith("MAP("):
        return values
    maps = cast("Sequence[Mapping[object, object] | None]", values)
    return [None if one is None else [{"key": key, "value": value} for key, value in one.items()] for one in maps]


def _polars_dtype(polars: Any, type: str) -> Any:
    if type.endswith("[]"):
        return polars.List(_polars_dtype(polars, type[:-2]))
    if type.startswith("MAP("):
        key, _, element = type[4:-1].partition(", ")
        key, element = _polars_dtype(polars, key), _polars_dtype(polars, element)
        # Before it had maps, it read those of Parquet as lists.
        if hasattr(polars, "Map"):
            return polars.Map(key, element)
        return polars.List(polars.Struct({"key": key, "value": element}))
    if type.startswith("VECTOR("):
        return polars.Array(polars.Float32, int(type[7:].partition(",")[0]))
    return {
        "BOOL": polars.Boolean,
        "INT32": polars.Int32,
        "INT64": polars.Int64,
        "FLOAT32": polars.Float32,
        "FLOAT64": polars.Float64,
        "BYTES": polars.Binary,
        "DATE": polars.Date,
        "TIMESTAMP": polars.Datetime("us", "UTC"),
    }.get(type, polars.String)


_PANDAS_DTYPES = {
    "BOOL": "boolean",
    "INT32": "Int32",
    "INT64": "Int64",
    "FLOAT32": "float32",
    "FLOAT64": "float64",
    "STRING": "str",
    "TIMESTAMP": "datetime64[us, UTC]",
}


def pandas_frame(columns: Columns, index: object = None) -> Any:
    """Whole numbers and booleans are of pandas's nullable types, so that none becomes a float beside a null."""
    pandas = library("pandas")
    series = {
        name: pandas.Series(list(values), dtype=_PANDAS_DTYPES.get(type, "object"), index=index)
        for name, (type, values) in columns.items()
    }
    return pandas.DataFrame(series, index=index)


def with_columns(frame: object, columns: Columns) -> Any:
    """The caller's frame, in its order and index, with columns added."""
    refuse_taken(frame, columns)
    if library_of(frame) == "polars":
        return cast("Any", frame).hstack(polars_frame(columns))
    added = pandas_frame(columns, cast("Any", frame).index)
    return library("pandas").concat([frame, added], axis=1)


def refuse_taken(frame: object, names: Collection[str]) -> None:
    taken = [name for name in names if name in cast("Any", frame).columns]
    if taken:
        what = ", ".join(taken)
        raise invalid("features", f"would replace columns of the frame: {what}.", "Rename one: feature.as_(…).")


def polars_of_parquet(file: Any) -> Any:
    return library("polars").read_parquet(file)


def arrow_of_parquet(file: Any) -> Any:
    return library("pyarrow.parquet").read_table(file)


def pandas_of_arrow(table: Any, index: object = None) -> Any:
    """The same types as `pandas_frame` has."""
    pandas, arrow = library("pandas"), library("pyarrow")
    nullable = {
        arrow.bool_(): pandas.BooleanDtype(),
        arrow.int32(): pandas.Int32Dtype(),
        arrow.int64(): pandas.Int64Dtype(),
    }
    frame = table.to_pandas(types_mapper=nullable.get, maps_as_pydicts="strict")
    if index is not None:
        frame.index = index
    return frame
