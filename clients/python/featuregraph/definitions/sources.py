from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from typing_extensions import Unpack

from .column_types import ColumnType
from .described import Definition, Json, Varied, described, given
from .providers import OfflineStore


class Source(Definition):
    """Rows in an offline store."""

    __slots__ = ()


def _source(name: str, provider: OfflineStore | None, options: Varied, rows: Json) -> Source:
    store = given(provider=provider.reference if provider else None)
    return Source("source", {"name": name, **described(options), **store, **rows})


def files(
    name: str,
    paths: str | Sequence[str],
    *,
    provider: OfflineStore | None = None,
    format: str | None = None,
    csv: Mapping[str, object] | None = None,
    hive_partitions: bool | None = None,
    columns: Mapping[str, ColumnType[object]] | None = None,
    **options: Unpack[Varied],
) -> Source:
    """Rows in files below the server's data roots; types are told from them where `columns` does not say."""
    declared = columns and [{"name": column, "type": its.type} for column, its in columns.items()]
    written = [paths] if isinstance(paths, str) else list(paths)
    said = given(format=format, csv=csv, hivePartitions=hive_partitions, columns=declared)
    return _source(name, provider, options, {"files": {"paths": written, **said}})


def table(
    name: str,
    *,
    table: str | None = None,
    schema: str | None = None,
    provider: OfflineStore | None = None,
    **options: Unpack[Varied],
) -> Source:
    """Rows in a table or view of the provider."""
    return _source(name, provider, options, {"table": {**given(schema=schema), "name": table or name}})


def transformation(
    name: str,
    query: str,
    *,
    as_: Literal["TABLE", "VIEW"] | None = None,
    provider: OfflineStore | None = None,
    **options: Unpack[Varied],
) -> Source:
    """Rows by SQL over other sources. A TABLE, the default, is stored by a job, a VIEW computed at each reading."""
    return _source(name, provider, options, {"transformation": {"sql": query, **given(**{"as": as_})}})


def sql(text: str, **parts: Source | str | float) -> str:
    """SQL that names sources: `sql("select * from {trips}", trips=trips)`. Text, and numbers, stand for themselves."""
    written = {
        name: f"{{{{ {part.reference} }}}}" if isinstance(part, Source) else part for name, part in parts.items()
    }
    return text.format(**written)
