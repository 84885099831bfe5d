from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from typing_extensions import Unpack

from .column_types import ColumnType
from .described import Definition, Json, Varied, described, given
from .entities import Entity, key_columns
from .providers import OnlineStore, VectorStore
from .selected_features import SelectedFeature
from .sources import Source

if TYPE_CHECKING:
    from ..frame_types import Frame

T = TypeVar("T")


class ViewOptions(Varied, total=False):
    join_keys: Mapping[str, str]
    """Which column holds which join key, where their names differ."""
    event_timestamp: str
    created_timestamp: str
    ttl: str
    """As 90s, 6h or 7d."""
    lateness: str
    """Of windows: how long after its time an event is still taken in online; 1h when left out."""
    event_id: Mapping[str, str]
    """Of windows: the `column`, and where it is no STRING the `type`, that an event is known again by."""
    event_columns: Mapping[str, ColumnType[object]]
    """Of windows: columns that filters name besides those of features, each with its type."""
    online_store: OnlineStore | None
    """Where to serve it from; None for training only."""
    vector_store: VectorStore
    schedule: str
    """A cron expression of five fields, in UTC."""
    graphql_name: str
    inaccessible: bool


class FeatureView(Definition):
    """
    Features of one entity from one source, kept and served as one row. A class of its own names its features, so that
    a type checker knows them:

        class Stats(FeatureView):
            conv_rate = float64("Trips accepted, of those offered.")

        stats = Stats("driver_stats", entity=driver, source=trips)
        stats.conv_rate
    """

    def __init__(self, view_name: str, /, *, entity: Entity, source: Source, **options: Unpack[ViewOptions]) -> None:
        self.columns_by_name = dict(_declared(type(self))) if type(self) is not DynamicFeatureView else {}
        super().__init__("featureView", _body(view_name, entity, source, options, self.columns_by_name))

    def feature_of(self, column: ColumnType[T]) -> SelectedFeature[T]:
        name = next(name for name, its in self.columns_by_name.items() if its is column)
        return SelectedFeature(f"{self.reference}:{name}")

    def __getitem__(self, feature: str) -> SelectedFeature[object]:
        """A feature by its name, also where something else is called so."""
        if feature not in self.columns_by_name:
            known = ", ".join(self.columns_by_name)
            raise KeyError(f'{self.reference} has no feature "{feature}": it has {known}')
        return SelectedFeature(f"{self.reference}:{feature}")

    def __iter__(self) -> Iterator[SelectedFeature[object]]:
        return iter([self[name] for name in self.columns_by_name])

    def __len__(self) -> int:
        return len(self.columns_by_name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.columns_by_name]

    @classmethod
    def from_frame(
        cls,
        view_name: str,
        frame: Frame,
        /,
        *,
        entity: Entity,
        source: Source,
        **options: Unpack[ViewOptions],
    ) -> DynamicFeatureView:
        """
        Proposes a view of a frame's columns: all but keys and timestamps are features, of the types that the frame has
        for them. Nothing of the frame is sent; the rows of the view are its source's.
        """
        from ..frames import column_types

        keys: list[str] = [str(key["name"]) for key in entity.join_keys]
        renamed = options.get("join_keys", {})
        taken = {renamed.get(key, key) for key in keys}
        taken |= {options.get("event_timestamp", ""), options.get("created_timestamp", "")}
        features = {name: ColumnType[object](type, {}) for name, type in column_types(frame, leaving_out=taken).items()}
        return DynamicFeatureView(view_name, features, entity=entity, source=source, **options)


class DynamicFeatureView(FeatureView):
    """A view whose features are known when it is made, and are attributes all the same."""

    def __init__(
        self,
        view_name: str,
        features: Mapping[str, ColumnType[object]],
        /,
        *,
        entity: Entity,
        source: Source,
        **options: Unpack[ViewOptions],
    ) -> None:
        super().__init__(view_name, entity=entity, source=source, **options)
        self.columns_by_name = dict(features)
        self._body["features"] = _feature_inputs(self.columns_by_name)

    def __getattr__(self, feature: str) -> SelectedFeature[object]:
        if feature.startswith("_") or feature not in self.columns_by_name:
            raise AttributeError(f'{self.reference} has no feature "{feature}"')
        return self[feature]


def feature_view(
    name: str,
    *,
    entity: Entity,
    source: Source,
    features: Mapping[str, ColumnType[object]],
    **options: Unpack[ViewOptions],
) -> DynamicFeatureView:
    """A view without a class of its own: each feature is an attribute, `stats.conv_rate`, or `stats["conv_rate"]`."""
    return DynamicFeatureView(name, features, entity=entity, source=source, **options)


def all_of(view: FeatureView, *, role: str | None = None, prefix: str | None = None) -> list[SelectedFeature[object]]:
    """Every feature of a view, in a role where one is given, and under a prefix."""
    return [
        SelectedFeature(
            one.feature,
            role=role,
            alias=None if prefix is None else f"{prefix}_{one.feature.rpartition(':')[2]}",
        )
        for one in view
    ]


def _declared(view: type[FeatureView]) -> Iterator[tuple[str, ColumnType[object]]]:
    for one in reversed(view.__mro__):
        for name, value in vars(one).items():
            if isinstance(value, ColumnType):
                yield name, value


def _feature_inputs(columns: Mapping[str, ColumnType[object]]) -> list[Json]:
    return [{"name": name, "type": column.type, **column.options} for name, column in columns.items()]


def _body(
    name: str, entity: Entity, source: Source, options: ViewOptions, columns: Mapping[str, ColumnType[object]]
) -> Json:
    names = ("variant", "description", "owner", "tags", "properties", "deprecated")
    said = cast("Varied", {name: value for name, value in options.items() if name in names})
    written = given(
        eventTimestamp=options.get("event_timestamp"),
        createdTimestamp=options.get("created_timestamp"),
        ttl=options.get("ttl"),
        lateness=options.get("lateness"),
        schedule=options.get("schedule"),
        graphqlName=options.get("graphql_name"),
        inaccessible=options.get("inaccessible"),
    )
    if "join_keys" in options:
        written["joinKeys"] = key_columns(options["join_keys"])
    if "event_id" in options:
        written["eventId"] = dict(options["event_id"])
    if "event_columns" in options:
        named = options["event_columns"]
        written["eventColumns"] = [{"column": column, "type": its.type} for column, its in named.items()]
    if "online_store" in options:
        store = options["online_store"]
        written["onlineStore"] = None if store is None else store.reference
    if "vector_store" in options:
        written["vectorStore"] = options["vector_store"].reference
    return {
        "name": name,
        **described(said),
        "entity": entity.reference,
        "source": source.reference,
        **written,
        "features": _feature_inputs(columns),
    }
