from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, cast

from . import frames
from .connection import Connection, connection
from .definitions.consumers import TrainingSet
from .definitions.described import Definition, Json
from .definitions.feature_views import FeatureView
from .definitions.selected_features import SelectedFeature
from .definitions.sources import Source
from .errors import FeaturegraphError
from .generated.apply import ApplyApply
from .generated.fragments import JobHead
from .generated.grants import GrantsGrantsEdgesNode as GrantHead
from .generated.push_features import PushFeaturesPushFeatures as PushResult
from .generated.resources import ResourcesResourcesEdgesNode as ResourceHead
from .historical import Keys, historical
from .lineage import Lineage, LineageNode
from .online import Instant, KeyColumns, OnlineFeatures, Request, key_inputs, keys_in_roles, online, read_online
from .plans import Plan, plan_of
from .selecting import Selection, selector
from .training_sets import AsyncTrainingSetRows, in_turn
from .transport import AsyncWire, BoundOperations, Transport, Wire, run, upload
from .values import json_value, typed_value
from .waiting import ended

if TYPE_CHECKING:
    import pandas
    import polars

Definitions = Iterable["Definition | Mapping[str, object]"]
Direction = Literal["UPSTREAM", "DOWNSTREAM", "BOTH"]
Refresh = Literal["STALE", "ALL", "NONE"]
FrameLibraries = Literal["polars", "pandas"]
MOST_PUSHED = 10_000

__all__ = ["AsyncFeaturegraph", "AsyncJobs", "connect_async", "in_turn", "run"]


class AsyncJobs:
    def __init__(self, operations: BoundOperations, transport: Transport) -> None:
        self._operations = operations
        self._transport = transport

    async def wait(
        self,
        jobs: str | JobHead | Sequence[str | JobHead],
        *,
        timeout: float | None = None,
        progress: bool | None = None,
    ) -> list[JobHead]:
        """
        Waits until all have ended, over lost connections and restarts of the server. Fails as the first that did not
        succeed did. A bar says how far they are in a terminal and in a notebook, or where `progress` says so.
        """
        given = [jobs] if isinstance(jobs, (str, JobHead)) else jobs
        ids = [one if isinstance(one, str) else one.id for one in given]
        return await ended(self._operations, self._transport, ids, timeout=timeout, progress=progress)

    async def list(self, filter: Mapping[str, object] | None = None) -> AsyncIterator[JobHead]:
        """All that match, the newest first."""
        after: str | None = None
        while True:
            page = await self._operations.jobs(cast("Any", filter), 100, after)
            for edge in page.edges:
                yield edge.node
            after = page.page_info.end_cursor
            if not page.page_info.has_next_page:
                return

    async def cancel(self, id: str) -> JobHead:
        return await self._operations.cancel_job(id)

    async def retry(self, id: str) -> JobHead:
        return await self._operations.retry_job(id)


class AsyncFeaturegraph:
    """A featuregraph server. Each call fails with `FeaturegraphError`."""

    def __init__(self, connection: Connection, wire: Wire) -> None:
        self.transport = Transport(connection, wire)
        self.operations = BoundOperations(self.transport)
        """Every operation of the client, typed, as generated."""
        self.jobs = AsyncJobs(self.operations, self.transport)

    @property
    def url(self) -> str:
        return self.transport.connection.shown

    async def plan(self, definitions: Definitions, *, bump: bool = False) -> Plan:
        """Says exactly what `apply` would do, and everything that is wrong."""
        return plan_of(await self.operations.plan(inputs(definitions), bump))

    async def apply(self, definitions: Definitions, *, bump: bool = False) -> ApplyApply:
        """Registers definitions, in any order, whole or not at all."""
        return await self.operations.apply(inputs(definitions), bump)

    async def export(self, filter: Mapping[str, object] | None = None) -> list[Json]:
        """
        What is registered, as definitions, each after those that it is built on; without a filter, and for whom may
        see them, the grants that there are too.
        """
        found: list[Json] = []
        after: str | None = None
        while True:
            page = await self.operations.definitions(cast("Any", filter), 100, after)
            found += [edge.node.definition for edge in page.edges if edge.node.definition is not None]
            after = page.page_info.end_cursor
            if not page.page_info.has_next_page:
                break
        if filter is None and await self._is_administrator():
            found += [one.definition async for one in self.grants()]
        return found

    async def grants(self) -> AsyncIterator[GrantHead]:
        """The roles that were given, the first given first: for administrators."""
        after: str | None = None
        while True:
            page = await self.operations.grants(100, after)
            for edge in page.edges:
                yield edge.node
            after = page.page_info.end_cursor
            if not page.page_info.has_next_page:
                return

    async def _is_administrator(self) -> bool:
        """Whether who asks may see what is granted to others."""
        viewer = await self.operations.viewer()
        return viewer.kind.value == "OPEN" or any(one.role.value == "ADMIN" for one in viewer.grants)

    async def online_features(
        self, select: Selection, keys: KeyColumns, *, request: Request | None = None, at: Instant = None
    ) -> OnlineFeatures:
        """
        The latest values by column, with a status and an event time each; `request` is for on-demand features. With
        `at` those of that instant, where it can still be told.
        """
        return await read_online(self.operations, select, key_inputs(keys), request, at)

    async def online(
        self, select: Selection, keys: Any, *, request: Mapping[str, object] | None = None, at: Instant = None
    ) -> Any:
        """
        The latest values in the form of the keys: a dict of values, a dict of lists, a list of dicts, or a DataFrame of
        polars or pandas, with the features added. Fails where a store does. `request` has what on-demand features are
        computed from besides: values for a dict of values, otherwise lists, one value a row. `at` is
        as of which instant: now when left out.
        """
        return await online(self.operations, select, keys, request, at)

    async def keys_in_roles(self, select: Selection, keys: Mapping[str, Sequence[object]]) -> KeyColumns:
        """Keys of a flat table, as `origin_faa`, below the roles that the features speak of."""
        return await keys_in_roles(self.operations, select, keys)

    async def historical(
        self,
        df: Any,
        features: Selection,
        *,
        timestamp: str | None = None,
        latest: bool = False,
        keys: Keys | None = None,
        known_as_of: bool = False,
    ) -> Any:
        """
        The caller's own rows, in their order and index, with each feature as it was at the row's moment: the column
        `timestamp`, or the only one of times. Join keys are found by their names, in a role as `origin_faa`, or as
        `keys` says: `{"origin": {"faa": "from_airport"}}`.
        """
        return await historical(
            self.operations,
            self.transport,
            df,
            features,
            timestamp=timestamp,
            latest=latest,
            keys=keys,
            known_as_of=known_as_of,
        )

    def training_set(self, ref: str | TrainingSet) -> AsyncTrainingSetRows:
        name = ref.reference if isinstance(ref, TrainingSet) else ref
        return AsyncTrainingSetRows(self.operations, self.transport, name)

    async def nearest(
        self,
        feature: str | SelectedFeature[object],
        to: Sequence[float] | Mapping[str, object],
        *,
        k: int = 10,
        filter: Mapping[str, object] | None = None,
        select: Selection | None = None,
    ) -> list[dict[str, object]]:
        """The nearest entities to a vector, or to an entity by its keys: keys, `score`, and features if selected."""
        name = feature if isinstance(feature, str) else feature.feature
        if isinstance(to, Mapping):
            target: Json = {"entity": key_inputs({key: [value] for key, value in to.items()})}
        else:
            target = {"vector": [float(one) for one in to]}
        chosen: Json = {"features": []} if select is None else selector(select)
        found = await self.operations.nearest(
            name, cast("Any", target), k, cast("Any", chosen), select is not None, cast("Any", filter)
        )
        if found is None:
            raise FeaturegraphError("NOT_FOUND", f'"{name}" is not registered.')
        return [
            {
                **{key.join_key: typed_value(key.type_, key.value) for key in one.keys},
                "score": one.score,
                **{its.name: typed_value(its.type_, its.value) for its in one.features or []},
            }
            for one in found
        ]

    async def push(self, view: str | FeatureView, rows: Any) -> PushResult:
        """Writes rows, dicts or a DataFrame, to where a view is served from: once it answers, reads see them."""
        name = view if isinstance(view, str) else view.reference
        days = await self._days_of(name) if frames.library_of(rows) == "pandas" else frozenset[str]()
        given: Any = rows if frames.library_of(rows) is not None else row_dicts(rows, days)
        done = PushResult(written=0, stale=0)
        for at in range(0, max(len(given), 1), MOST_PUSHED):
            sent = _sent(given, at, days)
            part = await self.operations.push_features(name, sent)
            done = PushResult(written=done.written + part.written, stale=done.stale + part.stale)
        return done

    async def _days_of(self, view: str) -> frozenset[str]:
        """Which features are days: pandas has them as midnights."""
        found = await self.operations.view_description(view)
        return frozenset(one.name for one in found.features if one.type_ == "DATE") if found else frozenset()

    async def materialize(
        self,
        views: Sequence[str | FeatureView],
        *,
        from_: Any = None,
        to: Any = None,
        refresh: Refresh = "STALE",
    ) -> list[JobHead]:
        """Starts the jobs that bring what views serve up to date."""
        names = [one if isinstance(one, str) else one.reference for one in views]
        times = [cast("str | None", json_value(one)) for one in (from_, to)]
        return list(await self.operations.materialize(names, cast("Any", refresh), times[0], times[1]))

    async def preview(
        self, source: str | Source, limit: int = 10, frame: FrameLibraries = "polars"
    ) -> polars.DataFrame | pandas.DataFrame:
        """The first rows of a source."""
        ref = source if isinstance(source, str) else source.reference
        found = await self.operations.source_preview(ref, limit)
        if found is None:
            raise FeaturegraphError("NOT_FOUND", f'source "{ref}" is not registered.')
        columns = {
            column.name: (column.type_, [typed_value(column.type_, row[at]) for row in found.preview.rows])
            for at, column in enumerate(found.preview.columns)
        }
        return frames.polars_frame(columns) if frame == "polars" else frames.pandas_frame(columns)

    def search(self, text: str, filter: Mapping[str, object] | None = None) -> AsyncIterator[ResourceHead]:
        """Resources that a text speaks of, the best match first."""
        return self._found(filter, text)

    def resources(self, filter: Mapping[str, object] | None = None) -> AsyncIterator[ResourceHead]:
        """Everything that is registered, the first registered first."""
        return self._found(filter, None)

    async def _found(self, filter: Mapping[str, object] | None, text: str | None) -> AsyncIterator[ResourceHead]:
        after: str | None = None
        while True:
            page = await self.operations.resources(cast("Any", filter), text, 100, after)
            for edge in page.edges:
                yield edge.node
            after = page.page_info.end_cursor
            if not page.page_info.has_next_page:
                return

    async def lineage(self, kind: str, ref: str, *, direction: Direction = "BOTH", depth: int | None = None) -> Lineage:
        """What a resource was built on and what is built on it; a picture in a notebook."""
        found = await self.operations.lineage(cast("Any", kind), ref, cast("Any", direction), depth)
        if found is None:
            raise FeaturegraphError("NOT_FOUND", f'"{ref}" is not registered.')
        nodes = [LineageNode(node.id, node.kind.value, node.ref, node.status.value) for node in found.lineage.nodes]
        return Lineage(nodes, [(edge.from_.id, edge.to.id) for edge in found.lineage.edges])

    async def close(self) -> None:
        await self.transport.close()

    async def __aenter__(self) -> AsyncFeaturegraph:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def inputs(definitions: Definitions) -> Any:
    """As the graph takes them: it checks them itself, and names whatever is wrong."""
    return [one.definition if isinstance(one, Definition) else dict(one) for one in definitions]


def _sent(rows: Any, at: int, days: frozenset[str]) -> Any:
    """The next rows: of a frame as a table of Arrow, where it can be one."""
    if isinstance(rows, list):
        return cast("list[Json]", rows)[at : at + MOST_PUSHED]
    part = frames.part_of(rows, at, MOST_PUSHED)
    table = frames.arrow_of(part, list(part.columns), days)
    return row_dicts(part, days) if table is None else upload(table)


def row_dicts(rows: Any, days: frozenset[str]) -> list[Json]:
    if frames.library_of(rows) is None:
        return [{name: json_value(value) for name, value in row.items()} for row in rows]
    names = [str(one) for one in rows.columns]
    columns = [[_cell(one, name in days) for one in frames.column_values(rows, name)] for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _cell(value: object, is_day: bool) -> object:
    if is_day and isinstance(value, datetime) and value == value.replace(hour=0, minute=0, second=0, microsecond=0):
        return value.date().isoformat()
    return json_value(value)


def connect_async(
    url: str | None = None,
    *,
    api_key: str | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 60.0,
    retries: int = 2,
) -> AsyncFeaturegraph:
    """As `connect`, for use with `await`."""
    return AsyncFeaturegraph(connection(url, api_key, headers, timeout, retries), AsyncWire())
