from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict, TypeVar

Json = dict[str, object]
V = TypeVar("V")


class Described(TypedDict, total=False):
    """What any definition, and any feature, may say of itself."""

    description: str
    owner: str
    tags: Sequence[str]
    properties: Mapping[str, str]
    deprecated: str


class Varied(Described, total=False):
    """Of what has variants: v1 when left out."""

    variant: str


def described(options: Described | Varied) -> Json:
    """As the graph takes it: a map of properties is a list of its entries."""
    written: Json = {key: value for key, value in options.items() if value is not None}
    tags, properties = options.get("tags"), options.get("properties")
    if tags is not None:
        written["tags"] = list(tags)
    if properties is not None:
        written["properties"] = [{"key": key, "value": value} for key, value in properties.items()]
    return written


def given(**fields: object) -> Json:
    """Fields without those that are None."""
    return {key: value for key, value in fields.items() if value is not None}


class Definition:
    """One noun and what is said of it: `definition` is the DefinitionInput that the graph takes."""

    __slots__ = ("_body", "_noun")

    def __init__(self, noun: str, body: Json) -> None:
        self._noun = noun
        self._body = body

    @property
    def definition(self) -> Json:
        return {self._noun: self._body}

    @property
    def name(self) -> str:
        return str(self._body["name"])

    @property
    def reference(self) -> str:
        """A reference to just this variant where one is named, otherwise to the latest."""
        variant = self._body.get("variant")
        return self.name if variant is None else f"{self.name}@{variant}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Definition) and other.definition == self.definition

    def __hash__(self) -> int:
        return hash((self._noun, self.reference))

    def __repr__(self) -> str:
        return f"<{self._noun} {self.reference}>"
