"""The typed client of featuregraph, a feature store whose whole API is one GraphQL graph."""

from typing import TYPE_CHECKING

from .definitions.column_types import (
    ColumnType,
    date,
    float32,
    float64,
    int32,
    int64,
    string,
    timestamp,
    vector,
)
from .definitions.column_types import bool as bool
from .definitions.column_types import bytes as bytes
from .definitions.column_types import list as list
from .definitions.consumers import (
    FeatureService,
    Label,
    Model,
    TrainingSet,
    feature_service,
    label,
    model,
    training_set,
)
from .definitions.described import Definition
from .definitions.entities import Entity, EntityBy, by, entity
from .definitions.feature_views import FeatureView, all_of, feature_view
from .definitions.grants import Grant, grant
from .definitions.on_demand_feature_views import (
    Computed,
    OnDemandFeatureView,
    computed,
    on_demand_feature_view,
    optional,
)
from .definitions.providers import (
    OfflineStore,
    OnlineStore,
    Provider,
    VectorStore,
    duckdb,
    lmdb,
    postgres,
    qdrant,
    redis,
    usearch,
)
from .definitions.selected_features import SelectedFeature
from .definitions.sources import Source, files, sql, table, transformation
from .definitions.windows import (
    Aggregate,
    collect_distinct,
    count,
    count_distinct,
    first,
    last,
    last_k,
    mean,
    quantile,
    stddev,
    variance,
)
from .definitions.windows import max as max
from .definitions.windows import min as min
from .definitions.windows import sum as sum
from .errors import FeaturegraphError, Issue

if TYPE_CHECKING:
    from .async_client import AsyncFeaturegraph, connect_async
    from .client import Featuregraph, connect

__version__ = "0.1.0"

# `bool`, `bytes`, `list`, `max`, `min` and `sum` are left out: `from featuregraph import *` would hide Python's own.
__all__ = [
    "Aggregate",
    "AsyncFeaturegraph",
    "ColumnType",
    "Computed",
    "Definition",
    "Entity",
    "EntityBy",
    "FeatureService",
    "FeatureView",
    "Featuregraph",
    "FeaturegraphError",
    "Grant",
    "Issue",
    "Label",
    "Model",
    "OfflineStore",
    "OnDemandFeatureView",
    "OnlineStore",
    "Provider",
    "SelectedFeature",
    "Source",
    "TrainingSet",
    "VectorStore",
    "all_of",
    "by",
    "collect_distinct",
    "computed",
    "connect",
    "connect_async",
    "count",
    "count_distinct",
    "date",
    "duckdb",
    "entity",
    "feature_service",
    "feature_view",
    "files",
    "first",
    "float32",
    "float64",
    "grant",
    "int32",
    "int64",
    "label",
    "last",
    "last_k",
    "lmdb",
    "mean",
    "model",
    "on_demand_feature_view",
    "optional",
    "postgres",
    "qdrant",
    "quantile",
    "redis",
    "sql",
    "stddev",
    "string",
    "table",
    "timestamp",
    "training_set",
    "transformation",
    "usearch",
    "variance",
    "vector",
]

_CLIENT = {"Featuregraph": "client", "connect": "client"}
_ASYNC_CLIENT = {"AsyncFeaturegraph": "async_client", "connect_async": "async_client"}


def __getattr__(name: str) -> object:
    """What needs HTTP is imported when it is first named: a file of definitions does without."""
    module = {**_CLIENT, **_ASYNC_CLIENT}.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{module}", __name__), name)
