"""
featuregraph as a feature store of ZenML:

    zenml feature-store flavor register featuregraph.zenml.FeaturegraphFeatureStoreFlavor
    zenml feature-store register features --flavor=featuregraph --url=http://127.0.0.1:4000
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from zenml.feature_stores.base_feature_store import (
    BaseFeatureStore,
    BaseFeatureStoreConfig,
    BaseFeatureStoreFlavor,
)
from zenml.utils.secret_utils import SecretField

from .feast import FeatureStore

if TYPE_CHECKING:
    import pandas


class FeaturegraphFeatureStoreConfig(BaseFeatureStoreConfig):
    """Where featuregraph is. What is left out is read from FEATUREGRAPH_URL and FEATUREGRAPH_API_KEY."""

    url: str | None = None
    api_key: str | None = SecretField(default=None)

    @property
    def is_local(self) -> bool:
        return False


class FeaturegraphFeatureStore(BaseFeatureStore):
    @property
    def config(self) -> FeaturegraphFeatureStoreConfig:
        return cast("FeaturegraphFeatureStoreConfig", self._config)

    def get_historical_features(
        self, entity_df: pandas.DataFrame | str, features: list[str], full_feature_names: bool = False
    ) -> pandas.DataFrame:
        """The rows of `entity_df` with features, as `view:feature`, as they were at its `event_timestamp`."""
        # SQL is refused there, with what to do instead.
        rows = cast("pandas.DataFrame", entity_df)
        return self._store().get_historical_features(rows, features, full_feature_names).to_df()

    def get_online_features(
        self, entity_rows: list[dict[str, Any]], features: list[str], full_feature_names: bool = False
    ) -> dict[str, Any]:
        """The latest values by name, the keys first."""
        return self._store().get_online_features(features, entity_rows, full_feature_names).to_dict()

    def _store(self) -> FeatureStore:
        return FeatureStore(self.config.url, api_key=self.config.api_key)


class FeaturegraphFeatureStoreFlavor(BaseFeatureStoreFlavor):
    @property
    def name(self) -> str:
        return "featuregraph"

    @property
    def config_class(self) -> type[FeaturegraphFeatureStoreConfig]:
        return FeaturegraphFeatureStoreConfig

    @property
    def implementation_class(self) -> type[FeaturegraphFeatureStore]:
        return FeaturegraphFeatureStore
