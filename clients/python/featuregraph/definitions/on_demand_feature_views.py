from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Generic, TypeVar, cast

from typing_extensions import Unpack

from .column_types import ColumnType
from .described import Definition, Described, Json, Varied, described, given
from .selected_features import SelectedFeature

T_co = TypeVar("T_co", covariant=True)


class Computed(Generic[T_co]):
    """An expression of CEL whose type is known."""

    __slots__ = ("input",)

    def __init__(self, input: Json) -> None:
        self.input = input


class ComputedOptions(Described, total=False):
    graphql_name: str
    inaccessible: bool


class OnDemandViewOptions(Varied, total=False):
    graphql_name: str
    inaccessible: bool


class OnDemandFeatureView(Definition):
    """
    Features that are computed from others and from the request, when they are asked for. Each is an attribute,
    `quote.ratio`, or `quote["ratio"]`.
    """

    def __init__(self, body: Json) -> None:
        super().__init__("onDemandFeatureView", body)
        features = cast("list[Json]", body["features"])
        self.feature_names = tuple(str(one["name"]) for one in features)

    def __getattr__(self, feature: str) -> SelectedFeature[object]:
        if feature.startswith("_") or feature == "feature_names" or feature not in self.feature_names:
            raise AttributeError(f'{type(self).__name__} has no feature "{feature}"')
        return self[feature]

    def __getitem__(self, feature: str) -> SelectedFeature[object]:
        if feature not in self.feature_names:
            known = ", ".join(self.feature_names)
            raise KeyError(f'{self.reference} has no feature "{feature}": it has {known}')
        return SelectedFeature(f"{self.reference}:{feature}")

    def __iter__(self) -> Iterator[SelectedFeature[object]]:
        return iter([self[name] for name in self.feature_names])

    def __len__(self) -> int:
        return len(self.feature_names)


def on_demand_feature_view(
    name: str,
    *,
    inputs: Sequence[SelectedFeature[object]],
    features: Mapping[str, str | Computed[object]],
    request: Mapping[str, ColumnType[object]] | None = None,
    **options: Unpack[OnDemandViewOptions],
) -> OnDemandFeatureView:
    """
    `features` are expressions of CEL by name; they name `inputs` by their names, or by those that `as_` gives them, and
    the values of `request` as `request.amount`.
    """
    said = {key: value for key, value in options.items() if key not in ("graphql_name", "inaccessible")}
    body: Json = {
        "name": name,
        **described(cast("Varied", said)),
        "inputs": [one.input for one in inputs],
        "request": [_request_value(own, its) for own, its in (request or {}).items()],
        "features": [
            {"name": own, **({"expression": its} if isinstance(its, str) else its.input)}
            for own, its in features.items()
        ],
        **given(graphqlName=options.get("graphql_name"), inaccessible=options.get("inaccessible")),
    }
    return OnDemandFeatureView(body)


def computed(
    type: ColumnType[T_co], expression: str, text: str | None = None, /, **options: Unpack[ComputedOptions]
) -> Computed[T_co]:
    """An expression of CEL whose type is known, and what is to be said of the feature: first its description."""
    said: Json = {key: value for key, value in options.items() if key not in ("graphql_name", "inaccessible")}
    if text is not None:
        said["description"] = text
    named = given(graphqlName=options.get("graphql_name"), inaccessible=options.get("inaccessible"))
    return Computed({"expression": expression, "type": type.type, **described(cast("Described", said)), **named})


def optional(type: ColumnType[T_co]) -> ColumnType[T_co]:
    """A value of the request that may be left out, and is null then."""
    return ColumnType(type.type, {**type.options, "optional": True})


def _request_value(name: str, its: ColumnType[object]) -> Json:
    return {
        "name": name,
        "type": its.type,
        **given(description=its.options.get("description"), optional=its.options.get("optional")),
    }
