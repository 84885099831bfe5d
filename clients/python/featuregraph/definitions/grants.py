from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from .described import Definition, Json, given

Role = Literal["ADMIN", "EDITOR", "MODEL", "OPERATOR", "READER", "VIEWER"]

_KINDS = {
    "provider": "PROVIDER",
    "entity": "ENTITY",
    "source": "SOURCE",
    "featureView": "FEATURE_VIEW",
    "onDemandFeatureView": "ON_DEMAND_FEATURE_VIEW",
    "label": "LABEL",
    "trainingSet": "TRAINING_SET",
    "featureService": "FEATURE_SERVICE",
    "model": "MODEL",
}


class Grant(Definition):
    """A role for somebody. It has no variants; who, and which role, is its name."""

    __slots__ = ()

    @property
    def name(self) -> str:
        return f"{self._body['role']} to {self._body['to']}"


def grant(
    role: Role,
    *,
    to: Mapping[str, str],
    on: Mapping[str, str] | Definition | None = None,
    sensitive: bool | None = None,
) -> Grant:
    """
    A role for somebody: `grant("MODEL", to={"apiKey": "eta-model"}, on=eta)`. `to` is one of `apiKey`, `user` and
    `group`; `on` is what it is bound to, by `kind`, `tag`, `owner` or `ref`, or just one definition, and everything
    when left out.
    """
    body: Json = {"role": role, "to": dict(to), **given(on=_selector(on), sensitive=sensitive)}
    return Grant("grant", body)


def _selector(on: Mapping[str, str] | Definition | None) -> Json | None:
    """A definition stands for all its variants, unless it names its own."""
    if not isinstance(on, Definition):
        return None if on is None else dict(on)
    [noun] = on.definition
    return {"kind": _KINDS[noun], "ref": on.reference}
