"""The latest values of features, in the form in which their keys came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from . import frames
from .definitions.described import Json
from .errors import FeaturegraphError, invalid
from .generated.online_features import OnlineFeaturesOnlineFeatures
from .selecting import Role, Selection, key_column, roles_of, selector
from .transport import BoundOperations
from .values import instant, json_value, typed_value

MOST_KEYS = 5_000


@dataclass
class FeatureColumn:
    """One feature's values, one a row of keys. A status is PRESENT, NULL_VALUE, NOT_FOUND, OUTSIDE_TTL or ERROR."""

    name: str
    ref: str
    type: str
    values: list[object] = field(default_factory=list[object])
    statuses: list[str] = field(default_factory=list[str])
    event_timestamps: list[datetime | None] = field(default_factory=list["datetime | None"])


@dataclass(frozen=True)
class StoreFailure:
    provider: str
    code: str
    message: str


@dataclass(frozen=True)
class OnlineFeatures:
    """Columns in the order asked for. A store that failed is named in `failures`; its values have the status ERROR."""

    size: int
    columns: Sequence[FeatureColumn]
    failures: Sequence[StoreFailure]

    def __getitem__(self, name: str) -> FeatureColumn:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def to_dict(self) -> dict[str, list[object]]:
        return {column.name: column.values for column in self.columns}

    def to_rows(self) -> list[dict[str, object]]:
        return [{column.name: column.values[at] for column in self.columns} for at in range(self.size)]

    def to_polars(self) -> Any:
        return frames.polars_frame(self.typed())

    def to_pandas(self) -> Any:
        return frames.pandas_frame(self.typed())

    def typed(self) -> dict[str, tuple[str, list[object]]]:
        return {column.name: (column.type, column.values) for column in self.columns}


KeyColumns = Mapping[str, "Sequence[object] | Mapping[str, Sequence[object]]"]
"""Keys by join key, one list each; within a role where an entity plays several: `{"origin": {"faa": ["JFK"]}}`."""


Request = Mapping[str, Sequence[object]]
"""What on-demand features are computed from besides, by name one value a row."""

Instant = datetime | str | None
"""As of which instant: now where it is None."""


def key_inputs(keys: KeyColumns) -> list[Json]:
    written: list[Json] = []
    for name, values in keys.items():
        if isinstance(values, Mapping):
            for key, own in values.items():
                written.append({"role": name, "joinKey": key, "values": _json(own)})
        else:
            written.append({"joinKey": name, "values": _json(values)})
    return written


def _json(values: Iterable[object]) -> list[object]:
    return [json_value(one) for one in values]


async def read_online(
    operations: BoundOperations,
    select: Selection,
    keys: list[Json],
    request: Request | None = None,
    at: Instant = None,
) -> OnlineFeatures:
    """Any number of rows, as many at a time as a server takes."""
    lists = [cast("list[object]", one["values"]) for one in keys]
    size = max((len(one) for one in lists), default=0)
    values_of_request = {name: _json(values) for name, values in (request or {}).items()}
    moment = cast("str | None", json_value(at))
    columns: list[FeatureColumn] = []
    failures: dict[str, StoreFailure] = {}
    for start in range(0, max(size, 1), MOST_KEYS):
        parts = [{**one, "values": values[start : start + MOST_KEYS]} for one, values in zip(keys, lists, strict=True)]
        given = [
            {"name": name, "values": values[start : start + MOST_KEYS]} for name, values in values_of_request.items()
        ]
        asked = (cast("Any", selector(select)), cast("Any", parts), cast("Any", given))
        answer = await operations.online_features(*asked, moment)
        _extend(columns, answer)
        for one in answer.failures:
            failures.setdefault(one.provider, StoreFailure(one.provider, one.code, one.message))
    return OnlineFeatures(size, columns, list(failures.values()))


def _extend(columns: list[FeatureColumn], answer: OnlineFeaturesOnlineFeatures) -> None:
    if not columns:
        columns += [FeatureColumn(one.name, one.ref, one.type_) for one in answer.columns]
    for column, one in zip(columns, answer.columns, strict=True):
        column.values += [typed_value(column.type, value) for value in one.values]
        column.statuses += one.statuses
        column.event_timestamps += [None if at is None else instant(at) for at in one.event_timestamps]


async def online(
    operations: BoundOperations,
    select: Selection,
    keys: object,
    request: Mapping[str, object] | None = None,
    at: Instant = None,
) -> Any:
    """What came as a frame, a list of dicts, a dict of lists or a dict of values goes as that, with features added."""
    if frames.library_of(keys) is not None:
        inputs = _frame_keys(keys, await _roles_if_told(operations, select))
        answer = _complete(await read_online(operations, select, inputs, cast("Request | None", request), at))
        return frames.with_columns(keys, answer.typed())
    if isinstance(keys, Mapping):
        given = cast("Mapping[str, object]", keys)
        if all(_is_column(one) for one in given.values()):
            own = cast("Request | None", request)
            answer = _complete(await read_online(operations, select, key_inputs(cast("KeyColumns", given)), own, at))
            return _merged(given, answer.to_dict())
        single = None if request is None else {name: [value] for name, value in request.items()}
        return (await _rows(operations, select, [given], single, at))[0]
    rows = list(cast("Iterable[Mapping[str, object]]", keys))
    return await _rows(operations, select, rows, cast("Request | None", request), at)


async def _rows(
    operations: BoundOperations,
    select: Selection,
    rows: list[Mapping[str, object]],
    request: Request | None = None,
    at: Instant = None,
) -> list[dict[str, object]]:
    if not rows:
        return []
    answer = _complete(await read_online(operations, select, key_inputs(_columns_of(rows)), request, at))
    return [_merged(row, values) for row, values in zip(rows, answer.to_rows(), strict=True)]


def _columns_of(rows: list[Mapping[str, object]]) -> dict[str, Any]:
    """Rows as columns; what a row has in a role is below that."""
    columns: dict[str, Any] = {}
    for name, value in rows[0].items():
        if isinstance(value, Mapping):
            columns[name] = _columns_of([cast("Mapping[str, object]", row[name]) for row in rows])
        else:
            try:
                columns[name] = [row[name] for row in rows]
            except KeyError as missing:
                raise invalid("keys", f"lack {missing} in some row.", "Give each row the same keys.") from None
    return columns


def _is_column(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(_is_column(one) for one in cast("Mapping[str, object]", value).values())
    return not isinstance(value, (str, bytes)) and hasattr(value, "__iter__")


def _merged(given: Mapping[str, object], features: Mapping[str, object]) -> dict[str, object]:
    taken = [name for name in features if name in given]
    if taken:
        raise invalid("features", f"are called as keys are: {', '.join(taken)}.", "Rename one: feature.as_(…).")
    return {**given, **features}


def _complete(answer: OnlineFeatures) -> OnlineFeatures:
    """A null that stands for a store's failure would be taken for a value: this form has no statuses."""
    if answer.failures:
        first = answer.failures[0]
        message = f'The store "{first.provider}" failed: {first.message}'
        raise FeaturegraphError(first.code, message, retryable=True)
    return answer


async def _roles_if_told(operations: BoundOperations, select: Selection) -> list[Role] | None:
    """A model's key may be served features, and is told nothing of them."""
    try:
        return await roles_of(operations, select)
    except FeaturegraphError as refused:
        if refused.code != "FORBIDDEN":
            raise
        return None


def _frame_keys(frame: object, roles: Sequence[Role] | None) -> list[Json]:
    columns = frames.column_names(frame)
    if roles is None:
        return key_inputs({column: frames.column_values(frame, column) for column in columns})
    found = key_columns_of(columns, roles)
    return [
        {"role": role, "joinKey": key, "values": _json(frames.column_values(frame, column))}
        for (role, key), column in found.items()
    ]


def key_columns_of(columns: Sequence[str], roles: Sequence[Role]) -> dict[tuple[str, str], str]:
    """The column of each join key of each role."""
    found: dict[tuple[str, str], str] = {}
    for role in roles:
        for key in role.keys:
            column = key_column(role, key, columns, {})
            if column is None:
                fix = f'Add a column "{key if role.role == role.name else f"{role.role}_{key}"}".'
                raise invalid("keys", f'has no column for the key "{key}" of {role.role}.', fix)
            found[role.role, key] = column
    return found


async def keys_in_roles(
    operations: BoundOperations, select: Selection, keys: Mapping[str, Sequence[object]]
) -> KeyColumns:
    """Flat keys, as `origin_faa`, below the roles that they belong to, for whom may see these."""
    roles = await _roles_if_told(operations, select)
    if roles is None:
        return keys
    found = key_columns_of(list(keys), roles)
    nested: dict[str, dict[str, Sequence[object]]] = {}
    for (role, key), column in found.items():
        nested.setdefault(role, {})[key] = keys[column]
    return nested
