"""Feast's Python interface over featuregraph: who uses `feast.FeatureStore` changes an import and an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, cast

from . import frames
from .client import Featuregraph, connect
from .definitions.selected_features import SelectedFeature
from .errors import FeaturegraphError, Issue, invalid
from .online import OnlineFeatures

if TYPE_CHECKING:
    import pandas


class FeatureService(Protocol):
    """What Feast's own object has of a service: its name is enough."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class NamedService:
    name: str


Features = Sequence[str] | str | FeatureService
Selected = str | list[SelectedFeature[object]]
_STATUSES = {
    "NULL_VALUE": "NULL_VALUE",
    "NOT_FOUND": "NOT_FOUND",
    "OUTSIDE_TTL": "OUTSIDE_MAX_AGE",
    "ERROR": "INVALID",
}


class RetrievalJob:
    """Rows that were retrieved."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def to_df(self, *_: object, **__: object) -> pandas.DataFrame:
        return self._frame

    def to_arrow(self, *_: object, **__: object) -> Any:
        return frames.library("pyarrow").Table.from_pandas(self._frame, preserve_index=False)


class OnlineResponse:
    """Values by name, the keys first."""

    def __init__(self, keys: Mapping[str, Sequence[object]], answer: OnlineFeatures) -> None:
        self._keys = keys
        self._answer = answer

    def to_dict(self, include_event_timestamps: bool = False) -> dict[str, list[object]]:
        values = {name: list(column) for name, column in self._keys.items()}
        for column in self._answer.columns:
            values[column.name] = column.values
            if include_event_timestamps:
                times = column.event_timestamps
                values[f"{column.name}__ts"] = [0 if at is None else int(at.timestamp()) for at in times]
        return values

    def to_df(self, include_event_timestamps: bool = False) -> pandas.DataFrame:
        pandas = frames.library("pandas")
        return pandas.DataFrame(self.to_dict(include_event_timestamps))

    def to_arrow(self, include_event_timestamps: bool = False) -> Any:
        return frames.library("pyarrow").table(self.to_dict(include_event_timestamps))

    def statuses(self) -> dict[str, list[str]]:
        """By Feast's words: PRESENT, NULL_VALUE, NOT_FOUND, OUTSIDE_MAX_AGE or INVALID."""
        return {column.name: [_STATUSES.get(one, one) for one in column.statuses] for column in self._answer.columns}


class FeatureStore:
    """
    `get_historical_features`, `get_online_features`, `get_feature_service`, `push`, `materialize` and
    `materialize_incremental` as in Feast.
    The registry is the server's: there is no `repo_path`, and definitions are applied with featuregraph's own client.
    """

    def __init__(
        self, url: str | None = None, *, api_key: str | None = None, graph: Featuregraph | None = None
    ) -> None:
        self.graph = connect(url, api_key=api_key) if graph is None else graph

    def get_historical_features(
        self,
        entity_df: pandas.DataFrame,
        features: Features,
        full_feature_names: bool = False,
    ) -> RetrievalJob:
        """The rows of `entity_df` with features as they were at its `event_timestamp`, in its own order."""
        if isinstance(entity_df, str):
            fix = "Register the SQL as a source, and read its training set."
            raise invalid("entity_df", "is SQL, which is not run from here.", fix)
        if "event_timestamp" not in entity_df.columns:
            raise invalid("entity_df", 'has no column "event_timestamp".', "Name the column of times so.")
        selected = self._selected(features, full_feature_names)
        return RetrievalJob(self.graph.historical(entity_df, selected, timestamp="event_timestamp"))

    def get_online_features(
        self,
        features: Features,
        entity_rows: Sequence[Mapping[str, object]] | Mapping[str, Sequence[object]],
        full_feature_names: bool = False,
    ) -> OnlineResponse:
        """`entity_rows` are dicts, one a row, or lists by join key; a key in a role is called `origin_driver_id`."""
        if isinstance(entity_rows, Mapping):
            keys = entity_rows
        else:
            names = list(entity_rows[0]) if entity_rows else []
            keys = {name: [row.get(name) for row in entity_rows] for name in names}
        selected = self._selected(features, full_feature_names)
        return OnlineResponse(keys, self.graph.online_features(selected, self.graph.keys_in_roles(selected, keys)))

    def get_feature_service(self, name: str, allow_cache: bool = False) -> FeatureService:
        """A service, to be given as `features`; whether it is there is found out when it is asked."""
        return NamedService(name)

    def push(
        self, push_source_name: str, df: pandas.DataFrame, allow_registry_cache: bool = True, to: object = "online"
    ) -> None:
        """
        Writes rows to where views are served from: those whose property `feast_push_source` has this name, or the one
        that is called so. Each takes the columns that it has.
        """
        mode = str(getattr(to, "name", to)).lower()
        if mode != "online":
            issue = Issue("to", f'is "{mode}".', "Push online, and add the rows to the source of the view.")
            raise FeaturegraphError("UNSUPPORTED", "Rows are pushed to online stores alone.", issues=[issue])
        fed = self._fed_by(push_source_name)
        for view, columns in fed.items():
            self.graph.push(view, cast("Any", df)[[name for name in df.columns if name in columns]])
        if not fed:
            self.graph.push(push_source_name, df)

    def _fed_by(self, name: str) -> dict[str, set[str]]:
        """References of views, with the columns that they take."""
        exported = self.graph.export({"kinds": ["ENTITY", "FEATURE_VIEW"]})
        found = [cast("dict[str, Any]", one["featureView"]) for one in exported if "featureView" in one]
        feeding = {"key": "feast_push_source", "value": name}
        # The later variant of a name takes the place of the earlier.
        latest = {one["name"]: one for one in found if feeding in one.get("properties", [])}
        own = latest.values() or [one for one in found if one["name"] == name][-1:]
        entities = [cast("dict[str, Any]", one["entity"]) for one in exported if "entity" in one]
        keys = {
            ref: [key["name"] for key in one["joinKeys"]]
            for one in entities
            for ref in (one["name"], f"{one['name']}@{one.get('variant', 'v1')}")
        }
        return {f"{one['name']}@{one.get('variant', 'v1')}": _columns_of(one, keys[one["entity"]]) for one in own}

    def materialize(self, start_date: datetime, end_date: datetime, feature_views: Sequence[str] | None = None) -> None:
        """Brings views, all of them when left out, up to date, and returns when they are."""
        self._materialize(start_date, end_date, feature_views)

    def materialize_incremental(self, end_date: datetime, feature_views: Sequence[str] | None = None) -> None:
        """As `materialize` from the beginning: a row that is older than what is served changes nothing."""
        self._materialize(None, end_date, feature_views)

    def _materialize(self, start: datetime | None, end: datetime, views: Sequence[str] | None) -> None:
        names = list(views) if views is not None else self._served_views()
        jobs = self.graph.materialize(names, from_=start, to=end)
        self.graph.jobs.wait(jobs)

    def _served_views(self) -> list[str]:
        exported = [one["featureView"] for one in self.graph.export({"kinds": ["FEATURE_VIEW"]})]
        views = cast("list[dict[str, object]]", exported)
        return [f"{view['name']}@{view.get('variant', 'v1')}" for view in views if view.get("onlineStore") is not None]

    def _selected(self, features: Features, full_feature_names: bool) -> Selected:
        if isinstance(features, str):
            return features
        if not isinstance(features, Sequence):
            return features.name
        return [_feature(one, full_feature_names) for one in features]


def _columns_of(view: Mapping[str, Any], keys: Sequence[str]) -> set[str]:
    """What a row for a view may have: of windows the columns of its events, otherwise its features."""
    features = cast("list[dict[str, Any]]", view["features"])
    events = [
        *cast("list[dict[str, Any]]", view.get("eventColumns") or []),
        *([view["eventId"]] if "eventId" in view else []),
    ]
    values = [one.get("column") if "aggregation" in one else one["name"] for one in features]
    named = [
        *keys,
        view.get("eventTimestamp"),
        view.get("createdTimestamp"),
        *values,
        *(one["column"] for one in events),
    ]
    return {str(one) for one in named if one is not None}


def _feature(reference: str, full_name: bool) -> SelectedFeature[object]:
    view, _, name = reference.rpartition(":")
    if not view:
        raise invalid("features", f'"{reference}" is no feature.', "Write it as view:feature.")
    selected = SelectedFeature[object](reference)
    return selected.as_(f"{view.partition('@')[0]}__{name}") if full_name else selected
