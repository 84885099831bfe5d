from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from typing_extensions import Unpack

from .column_types import ColumnType
from .described import Definition, Json, Varied, described, given


class Entity(Definition):
    """What features describe."""

    __slots__ = ()

    @property
    def join_keys(self) -> list[Json]:
        """Name and type of each."""
        return cast("list[Json]", self._body["joinKeys"])


def entity(
    name: str,
    join_keys: Mapping[str, ColumnType[object]],
    *,
    graphql: Mapping[str, object] | None = None,
    **options: Unpack[Varied],
) -> Entity:
    """What features describe, and what it is recognised by: `entity("driver", {"driver_id": int64()})`."""
    written = [
        given(name=key, type=column.type, description=column.options.get("description"))
        for key, column in join_keys.items()
    ]
    body = {"name": name, **described(options), "joinKeys": written}
    return Entity("entity", {**body, **given(graphql=graphql)})


@dataclass(frozen=True)
class EntityBy:
    """An entity whose join keys are in columns of other names."""

    of: Entity
    by: Mapping[str, str]


def by(of: Entity, columns: Mapping[str, str]) -> EntityBy:
    """`by(airport, {"faa": "origin"})`: the key `faa` is in the column `origin`."""
    return EntityBy(of, columns)


def key_columns(columns: Mapping[str, str]) -> list[Json]:
    return [{"joinKey": key, "column": column} for key, column in columns.items()]


def role_input(role: str, one: Entity | EntityBy) -> Json:
    entity = one.of if isinstance(one, EntityBy) else one
    written: Json = {"entity": entity.reference}
    if role != entity.name:
        written["role"] = role
    if isinstance(one, EntityBy) and one.by:
        written["joinKeys"] = key_columns(one.by)
    return written
