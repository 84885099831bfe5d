from __future__ import annotations

from typing import Generic, TypeVar

from .described import Json, given

T_co = TypeVar("T_co", covariant=True)


class SelectedFeature(Generic[T_co]):
    """A feature as something asks for it; `T_co` is what its values are."""

    __slots__ = ("alias", "feature", "lag", "role")

    def __init__(
        self, feature: str, *, alias: str | None = None, role: str | None = None, lag: str | None = None
    ) -> None:
        self.feature = feature
        self.alias = alias
        self.role = role
        self.lag = lag

    def as_(self, alias: str) -> SelectedFeature[T_co]:
        """Under another name."""
        return SelectedFeature(self.feature, alias=alias, role=self.role, lag=self.lag)

    def in_(self, role: str) -> SelectedFeature[T_co]:
        """In the part that its entity plays."""
        return SelectedFeature(self.feature, alias=self.alias, role=role, lag=self.lag)

    def lagged(self, duration: str) -> SelectedFeature[T_co]:
        """As it was so long before, as 24h: for training data alone."""
        return SelectedFeature(self.feature, alias=self.alias, role=self.role, lag=duration)

    @property
    def name(self) -> str:
        """What it is called in answers."""
        if self.alias is not None:
            return self.alias
        own = self.feature.rpartition(":")[2]
        return own if self.role is None else f"{self.role}_{own}"

    @property
    def input(self) -> Json:
        return given(feature=self.feature, alias=self.alias, role=self.role, lag=self.lag)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SelectedFeature) and other.input == self.input

    def __hash__(self) -> int:
        return hash((self.feature, self.alias, self.role, self.lag))

    def __repr__(self) -> str:
        return f"<feature {self.feature} as {self.name}>"
