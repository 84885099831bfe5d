from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from .async_client import (
    AsyncFeaturegraph,
    AsyncJobs,
    Definitions,
    Direction,
    FrameLibraries,
    GrantHead,
    PushResult,
    Refresh,
    ResourceHead,
)
from .connection import connection
from .definitions.consumers import TrainingSet
from .definitions.described import Json
from .definitions.feature_views import FeatureView
from .definitions.selected_features import SelectedFeature
from .definitions.sources import Source
from .generated.apply import ApplyApply
from .generated.fragments import JobHead
from .historical import Keys
from .lineage import Lineage
from .online import Instant, KeyColumns, OnlineFeatures, Request
from .plans import Plan
from .selecting import Selection
from .training_sets import TrainingSetRows, in_turn
from .transport import BlockingWire, run

if TYPE_CHECKING:
    import pandas
    import polars

    from .frame_types import FrameT
else:
    FrameT = TypeVar("FrameT")


class Jobs:
    def __init__(self, jobs: AsyncJobs) -> None:
        self._jobs = jobs

    def wait(
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
        return run(self._jobs.wait(jobs, timeout=timeout, progress=progress))

    def list(self, filter: Mapping[str, object] | None = None) -> Iterator[JobHead]:
        """All that match, the newest first."""
        return in_turn(self._jobs.list(filter))

    def cancel(self, id: str) -> JobHead:
        return run(self._jobs.cancel(id))

    def retry(self, id: str) -> JobHead:
        return run(self._jobs.retry(id))


class Featuregraph:
    """A featuregraph server. Each call fails with `FeaturegraphError`."""

    def __init__(self, calls: AsyncFeaturegraph) -> None:
        self._calls = calls
        self.jobs = Jobs(calls.jobs)

    @property
    def url(self) -> str:
        return self._calls.url

    def plan(self, definitions: Definitions, *, bump: bool = False) -> Plan:
        """Says exactly what `apply` would do, and everything that is wrong."""
        return run(self._calls.plan(definitions, bump=bump))

    def apply(self, definitions: Definitions, *, bump: bool = False) -> ApplyApply:
        """Registers definitions, in any order, whole or not at all."""
        return run(self._calls.apply(definitions, bump=bump))

    def export(self, filter: Mapping[str, object] | None = None) -> list[Json]:
        """
        What is registered, as definitions, each after those that it is built on; without a filter, and for whom may
        see them, the grants that there are too.
        """
        return run(self._calls.export(filter))

    def grants(self) -> Iterator[GrantHead]:
        """The roles that were given, the first given first: for administrators."""
        return in_turn(self._calls.grants())

    def online_features(
        self, select: Selection, keys: KeyColumns, *, request: Request | None = None, at: Instant = None
    ) -> OnlineFeatures:
        """
        The latest values by column, with a status and an event time each; `request` is for on-demand features. With
        `at` those of that instant, where it can still be told.
        """
        return run(self._calls.online_features(select, keys, request=request, at=at))

    @overload
    def online(
        self,
        select: Selection,
        keys: Mapping[str, object],
        *,
        request: Mapping[str, object] | None = None,
        at: Instant = None,
    ) -> dict[str, Any]: ...
    @overload
    def online(
        self,
        select: Selection,
        keys: Sequence[Mapping[str, object]],
        *,
        request: Mapping[str, object] | None = None,
        at: Instant = None,
    ) -> list[dict[str, Any]]: ...
    @overload
    def online(
        self, select: Selection, keys: FrameT, *, request: Mapping[str, object] | None = None, at: Instant = None
    ) -> FrameT: ...
    def online(
        self, select: Selection, keys: Any, *, request: Mapping[str, object] | None = None, at: Instant = None
    ) -> Any:
        """
        The latest values in the form of the keys: a dict of values, a dict of lists, a list of dicts, or a DataFrame of
        polars or pandas, with the features added. Fails where a store does. `request` has what on-demand features are
        computed from besides: values for a dict of values, otherwise lists, one value a row. `at` is
        as of which instant: now when left out.
        """
        return run(self._calls.online(select, keys, request=request, at=at))

    def keys_in_roles(self, select: Selection, keys: Mapping[str, Sequence[object]]) -> KeyColumns:
        """Keys of a flat table, as `origin_faa`, below the roles that the features speak of."""
        return run(self._calls.keys_in_roles(select, keys))

    def historical(
        self,
        df: FrameT,
        features: Selection,
        *,
        timestamp: str | None = None,
        latest: bool = False,
        keys: Keys | None = None,
        known_as_of: bool = False,
    ) -> FrameT:
        """
        The caller's own rows, in their order and index, with each feature as it was at the row's moment: the column
        `timestamp`, or the only one of times. Join keys are found by their names, in a role as `origin_faa`, or as
        `keys` says: `{"origin": {"faa": "from_airport"}}`.
        """
        return run(
            self._calls.historical(df, features, timestamp=timestamp, latest=latest, keys=keys, known_as_of=known_as_of)
        )

    def training_set(self, ref: str | TrainingSet) -> TrainingSetRows:
        return TrainingSetRows(self._calls.training_set(ref))

    def nearest(
        self,
        feature: str | SelectedFeature[object],
        to: Sequence[float] | Mapping[str, object],
        *,
        k: int = 10,
        filter: Mapping[str, object] | None = None,
        select: Selection | None = None,
    ) -> list[dict[str, object]]:
        """The nearest entities to a vector, or to an entity by its keys: keys, `score`, and features if selected."""
        return run(self._calls.nearest(feature, to, k=k, filter=filter, select=select))

    def push(
        self,
        view: str | FeatureView,
        rows: Sequence[Mapping[str, object]] | polars.DataFrame | pandas.DataFrame,
    ) -> PushResult:
        """Writes rows, dicts or a DataFrame, to where a view is served from: once it answers, reads see them."""
        return run(self._calls.push(view, rows))

    def materialize(
        self,
        views: Sequence[str | FeatureView],
        *,
        from_: Any = None,
        to: Any = None,
        refresh: Refresh = "STALE",
    ) -> list[JobHead]:
        """Starts the jobs that bring what views serve up to date."""
        return run(self._calls.materialize(views, from_=from_, to=to, refresh=refresh))

    def preview(self, source: str | Source, limit: int = 10, frame: FrameLibraries = "polars") -> Any:
        """The first rows of a source."""
        return run(self._calls.preview(source, limit, frame))

    def search(self, text: str, filter: Mapping[str, object] | None = None) -> Iterator[ResourceHead]:
        """Resources that a text speaks of, the best match first."""
        return in_turn(self._calls.search(text, filter))

    def resources(self, filter: Mapping[str, object] | None = None) -> Iterator[ResourceHead]:
        """Everything that is registered, the first registered first."""
        return in_turn(self._calls.resources(filter))

    def lineage(self, kind: str, ref: str, *, direction: Direction = "BOTH", depth: int | None = None) -> Lineage:
        """What a resource was built on and what is built on it; a picture in a notebook."""
        return run(self._calls.lineage(kind, ref, direction=direction, depth=depth))

    def close(self) -> None:
        run(self._calls.close())

    def __enter__(self) -> Featuregraph:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(
    url: str | None = None,
    *,
    api_key: str | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 60.0,
    retries: int = 2,
) -> Featuregraph:
    """
    Connects to a server; nothing is sent before the first call. Without `url` and `api_key` those of FEATUREGRAPH_URL
    and FEATUREGRAPH_API_KEY are taken. `timeout` is in seconds, for a call with all that is tried again.
    """
    calls = AsyncFeaturegraph(connection(url, api_key, headers, timeout, retries), BlockingWire())
    return Featuregraph(calls)
