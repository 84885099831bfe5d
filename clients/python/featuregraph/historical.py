"""Features as they were at the moments of the caller's own rows."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, cast

from . import frames
from .definitions.described import Json
from .definitions.entities import EntityBy
from .errors import FeaturegraphError, invalid
from .selecting import Role, Selection, key_column, roles_of, selector
from .transport import BoundOperations, Transport, upload
from .values import json_value
from .waiting import ended

MOST_ROWS = 50_000

Keys = Mapping[str, "Mapping[str, str] | EntityBy"]
"""By role: which column holds which join key, where their names differ."""


async def historical(
    operations: BoundOperations,
    transport: Transport,
    frame: object,
    select: Selection,
    *,
    timestamp: str | None,
    latest: bool,
    keys: Keys | None,
    known_as_of: bool,
) -> Any:
    """The frame in its own order and index, with the features added: only keys and times are sent."""
    if frames.library_of(frame) is None:
        raise invalid("df", "is no DataFrame of polars or pandas.", "Make one of it: polars.DataFrame(rows).")
    columns = frames.column_names(frame)
    when = None if latest else (timestamp or _timestamp_of(frame, columns))
    if when is not None and when not in columns:
        raise invalid("timestamp", f'"{when}" is no column of the frame.', f"It has {', '.join(columns)}.")
    roles = await roles_of(operations, select)
    sent, entities = _spine(roles, columns, keys or {})
    if when is not None:
        sent[when] = "TIMESTAMP"
    spine: Json = {"columns": [{"name": name, "type": type} for name, type in sent.items()]}
    spine["entities"] = entities
    if when is not None:
        spine["timestamp"] = when
    files: list[io.BytesIO] = []
    for at in range(0, max(frames.height(frame), 1), MOST_ROWS):
        rows = _rows(frames.part_of(frame, at, MOST_ROWS), list(sent))
        files.append(await _retrieved(operations, transport, select, known_as_of, {**spine, "rows": rows}))
    return _attached(frame, files, len(sent))


def _timestamp_of(frame: object, columns: Sequence[str]) -> str:
    """The column of times, where nobody says: `event_timestamp`, or the only one."""
    if "event_timestamp" in columns:
        return "event_timestamp"
    plain = cast("Any", frame)
    times = [name for name in columns if "datetime" in str(plain[name].dtype).lower()]
    if len(times) == 1:
        return times[0]
    found = f"has several columns of times: {', '.join(times)}." if times else "has no column of times."
    raise invalid("timestamp", found, "Say timestamp=…, or latest=True for the latest values.")


def _spine(roles: Sequence[Role], columns: Sequence[str], keys: Keys) -> tuple[dict[str, str], list[Json]]:
    """The key columns that are sent, with their types, and who they speak of."""
    sent: dict[str, str] = {}
    entities: list[Json] = []
    for role in roles:
        given = keys.get(role.role, {})
        own = given.by if isinstance(given, EntityBy) else given
        joined: list[Json] = []
        for key, type in role.keys.items():
            column = key_column(role, key, columns, own)
            if column is None or column not in columns:
                fix = f'Say keys={{"{role.role}": {{"{key}": "its column"}}}}.'
                raise invalid("df", f'has no column for the key "{key}" of {role.role}.', fix)
            sent[column] = type
            if column != key:
                joined.append({"joinKey": key, "column": column})
        entity: Json = {"entity": role.entity}
        if role.role != role.name:
            entity["role"] = role.role
        entities.append({**entity, **({"joinKeys": joined} if joined else {})})
    return sent, entities


def _rows(frame: object, names: list[str]) -> object:
    """As a table of Arrow, or one by one where there is none."""
    table = frames.arrow_of(frame, names)
    if table is not None:
        return upload(table)
    values = [[json_value(one) for one in frames.column_values(frame, name)] for name in names]
    return [list(row) for row in zip(*values, strict=True)]


async def _retrieved(
    operations: BoundOperations, transport: Transport, select: Selection, known_as_of: bool, rows: Json
) -> io.BytesIO:
    chosen = cast("Any", selector(select))
    job = await operations.retrieve_historical_features(chosen, cast("Any", {"rows": rows}), known_as_of)
    await ended(operations, transport, [job.id])
    done = await operations.job_run(job.id, cast("Any", "PARQUET"))
    if done is None or done.run is None:
        raise FeaturegraphError("NOT_FOUND", f"The rows of job {job.id} are gone.")
    file = io.BytesIO()
    await transport.download(done.run.download, file)
    file.seek(0)
    return file


def _attached(frame: object, files: Sequence[io.BytesIO], spine_width: int) -> Any:
    """A run has the rows of its spine in their order: the columns of the spine, then the features."""
    plain = cast("Any", frame)
    if frames.library_of(frame) == "polars":
        polars = frames.library("polars")
        answer = polars.concat([frames.polars_of_parquet(file) for file in files])
        features = answer.select(answer.columns[spine_width:])
        frames.refuse_taken(frame, features.columns)
        return plain.hstack(features)
    arrow = frames.library("pyarrow")
    table = arrow.concat_tables([frames.arrow_of_parquet(file) for file in files])
    names = table.column_names[spine_width:]
    frames.refuse_taken(frame, names)
    features = frames.pandas_of_arrow(table.select(names), plain.index)
    return frames.library("pandas").concat([frame, features], axis=1)
