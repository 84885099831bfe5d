"""Which features are asked for, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from .definitions.consumers import FeatureService
from .definitions.described import Json
from .definitions.feature_views import FeatureView
from .definitions.on_demand_feature_views import OnDemandFeatureView
from .definitions.selected_features import SelectedFeature
from .errors import FeaturegraphError
from .generated.fragments import DescribedView
from .transport import BoundOperations

Selection = (
    str
    | FeatureService
    | FeatureView
    | OnDemandFeatureView
    | Sequence["str | SelectedFeature[object]"]
    | Mapping[str, object]
)
"""A service by its name or definition, or features: as `view:feature`, or of a view's definition."""


def selector(select: Selection) -> Json:
    """As the graph takes it."""
    if isinstance(select, str):
        return {"service": select}
    if isinstance(select, FeatureService):
        return {"service": select.reference}
    if isinstance(select, Mapping):
        return dict(select)
    return {"features": [_selected(one).input for one in select]}


def _features(select: Selection) -> list[SelectedFeature[object]]:
    if not isinstance(select, Mapping):
        return [] if isinstance(select, (str, FeatureService)) else [_selected(one) for one in select]
    written = cast("list[dict[str, str | None]]", select.get("features", []))
    return [SelectedFeature(str(one["feature"]), role=one.get("role"), alias=one.get("alias")) for one in written]


def _selected(one: str | SelectedFeature[object]) -> SelectedFeature[object]:
    return SelectedFeature(one) if isinstance(one, str) else one


@dataclass(frozen=True)
class Role:
    """An entity in the part that it plays, with the types of its join keys."""

    role: str
    entity: str
    name: str
    keys: Mapping[str, str]


async def roles_of(operations: BoundOperations, select: Selection) -> list[Role]:
    """Who the features speak of, each once."""
    chosen = selector(select)
    roles: dict[str, Role] = {}
    if isinstance(reference := chosen.get("service"), str):
        service = await operations.service_description(reference)
        if service is None:
            raise FeaturegraphError("NOT_FOUND", f'feature service "{reference}" is not registered.')
        for feature in service.features:
            for one in feature.inputs or [feature]:
                _add(roles, one.feature.view, one.role)
        return list(roles.values())
    views: dict[str, list[tuple[DescribedView | None, str | None]]] = {}
    for feature in _features(select):
        view = feature.feature.rpartition(":")[0]
        if view not in views:
            views[view] = await _views_below(operations, view)
        for described, role in views[view]:
            plain = described is not None and role == described.entity.name
            _add(roles, described, (feature.role if plain else role) or feature.role)
    return list(roles.values())


async def _views_below(operations: BoundOperations, view: str) -> list[tuple[DescribedView | None, str | None]]:
    """A view itself, or those that an on-demand one is computed from, with the roles in which they are meant."""
    described = await operations.view_description(view)
    if described is not None:
        return [(described, None)]
    on_demand = await operations.on_demand_view_description(view)
    if on_demand is None:
        raise FeaturegraphError("NOT_FOUND", f'feature view "{view}" is not registered.')
    return [(one.feature.view, one.role) for one in on_demand.inputs]


def _add(roles: dict[str, Role], view: DescribedView | None, role: str | None) -> None:
    if view is None:
        return
    entity = view.entity
    keys = {key.name: key.type_ for key in entity.join_keys}
    name = role or entity.name
    roles.setdefault(name, Role(name, entity.ref, entity.name, keys))


def key_column(role: Role, key: str, columns: Sequence[str], given: Mapping[str, str]) -> str | None:
    """In which of the columns a key is: as its caller says, `origin_faa` in a role, or by its own name."""
    if key in given:
        return given[key]
    candidates = [f"{role.role}_{key}", f"{role.role}.{key}"]
    if role.role == role.name:
        candidates = [key, *candidates]
    return next((one for one in candidates if one in columns), None)
