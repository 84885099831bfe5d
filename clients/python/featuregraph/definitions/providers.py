from __future__ import annotations

from typing_extensions import Unpack

from .described import Definition, Varied, described


class Provider(Definition):
    """A connection to infrastructure."""

    __slots__ = ()


class OfflineStore(Provider):
    __slots__ = ()


class OnlineStore(Provider):
    __slots__ = ()


class VectorStore(Provider):
    __slots__ = ()


class AnyStore(OfflineStore, OnlineStore, VectorStore):
    """What serves as each of them."""

    __slots__ = ()


class ProviderOptions(Varied, total=False):
    name: str


Settings = dict[str, object]


def _body(product: str, usual: str, settings: Settings | None, options: ProviderOptions) -> dict[str, object]:
    return {"name": usual, **described(options), "config": {product: settings or {}}}


def duckdb(settings: Settings | None = None, **options: Unpack[ProviderOptions]) -> OfflineStore:
    """DuckDB, beside the server: `duckdb({"threads": 2}, name="warehouse")`."""
    return OfflineStore("provider", _body("duckdb", "warehouse", settings, options))


def lmdb(settings: Settings | None = None, **options: Unpack[ProviderOptions]) -> OnlineStore:
    return OnlineStore("provider", _body("lmdb", "latest", settings, options))


def usearch(settings: Settings | None = None, **options: Unpack[ProviderOptions]) -> VectorStore:
    return VectorStore("provider", _body("usearch", "neighbours", settings, options))


def redis(settings: Settings | None = None, **options: Unpack[ProviderOptions]) -> OnlineStore:
    return OnlineStore("provider", _body("redis", "latest", settings, options))


def qdrant(settings: Settings | None = None, **options: Unpack[ProviderOptions]) -> VectorStore:
    return VectorStore("provider", _body("qdrant", "neighbours", settings, options))


def postgres(settings: Settings | None = None, **options: Unpack[ProviderOptions]) -> AnyStore:
    return AnyStore("provider", _body("postgres", "warehouse", settings, options))
