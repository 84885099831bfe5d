"""What the flavour is made of; the tests hold it to ZenML itself."""

from typing import Any

import pandas
from pydantic import BaseModel

class BaseFeatureStoreConfig(BaseModel):
    @property
    def is_local(self) -> bool: ...

class BaseFeatureStore:
    _config: BaseFeatureStoreConfig
    @property
    def config(self) -> BaseFeatureStoreConfig: ...
    def get_historical_features(
        self, entity_df: pandas.DataFrame | str, features: list[str], full_feature_names: bool = False
    ) -> pandas.DataFrame: ...
    def get_online_features(
        self, entity_rows: list[dict[str, Any]], features: list[str], full_feature_names: bool = False
    ) -> dict[str, Any]: ...

class BaseFeatureStoreFlavor:
    @property
    def name(self) -> str: ...
    @property
    def config_class(self) -> type[BaseFeatureStoreConfig]: ...
    @property
    def implementation_class(self) -> type[BaseFeatureStore]: ...
