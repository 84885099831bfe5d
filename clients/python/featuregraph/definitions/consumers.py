from __future__ import annotations

from collections.abc import Mapping, Sequence

from typing_extensions import Unpack

from .column_types import ColumnType
from .described import Definition, Json, Varied, described, given
from .entities import Entity, EntityBy, role_input
from .selected_features import SelectedFeature
from .sources import Source


class Label(Definition):
    """A value to predict."""

    __slots__ = ()


class TrainingSet(Definition):
    """One label and features, joined point-in-time."""

    __slots__ = ()


class FeatureService(Definition):
    """The features that a model consumes."""

    __slots__ = ()


class Model(Definition):
    """What lineage ends in."""

    __slots__ = ()


def label(
    name: str,
    *,
    source: Source,
    value: Mapping[str, ColumnType[object]],
    entities: Mapping[str, Entity | EntityBy] | Sequence[Entity],
    timestamp: str | None = None,
    columns: Sequence[str] | None = None,
    **options: Unpack[Varied],
) -> Label:
    """
    A value to predict: `value` is its one column, as `{"late": bool()}`. `entities` are who its rows speak of, by role,
    which is the entity's name where it plays no other: `{"origin": by(airport, {"faa": "origin"})}`, or a list.
    """
    if len(value) != 1:
        raise ValueError(f'label "{name}" predicts one column, not {len(value)}: write value={{"column": type()}}')
    [(column, its)] = value.items()
    roles = entities if isinstance(entities, Mapping) else {one.name: one for one in entities}
    body: Json = {
        "name": name,
        **described(options),
        "source": source.reference,
        **given(timestamp=timestamp),
        "value": {"column": column, "type": its.type},
        **given(columns=None if columns is None else list(columns)),
        "entities": [role_input(role, one) for role, one in roles.items()],
    }
    return Label("label", body)


def training_set(
    name: str,
    *,
    label: Label,
    features: Sequence[SelectedFeature[object]],
    known_as_of: bool | None = None,
    split: Mapping[str, object] | None = None,
    **options: Unpack[Varied],
) -> TrainingSet:
    """`split` is as `{"share": {"train": 0.8, "test": 0.2}, "seed": 7}` or `{"time": {"test": "2024-06-01"}}`."""
    chosen = {"label": label.reference, "features": [one.input for one in features]}
    body = {"name": name, **described(options), **chosen, **given(knownAsOf=known_as_of, split=split)}
    return TrainingSet("trainingSet", body)


def feature_service(
    name: str, features: Sequence[SelectedFeature[object]], **options: Unpack[Varied]
) -> FeatureService:
    """`feature_service("eta", [stats.conv_rate, stats.trips.as_("recent")])`."""
    lagged = next((one for one in features if one.lag is not None), None)
    if lagged is not None:
        raise ValueError(f"{lagged.feature} is lagged, and a service has no lag: only the latest is served")
    body = {"name": name, **described(options), "features": [one.input for one in features]}
    return FeatureService("featureService", body)


def model(
    name: str,
    *,
    training_sets: Sequence[TrainingSet] = (),
    feature_services: Sequence[FeatureService] = (),
    **options: Unpack[Varied],
) -> Model:
    uses = {
        "trainingSets": [one.reference for one in training_sets],
        "featureServices": [one.reference for one in feature_services],
    }
    return Model("model", {"name": name, **described(options), **uses})
