import json
from datetime import datetime, timezone

import pandas as pd
from feast import FeatureStore

store = FeatureStore(repo_path="feature_repo")
service = store.get_feature_service("driver_activity")
times = json.load(open("times.json"))
trips = pd.DataFrame(
    {"driver_id": [1001, 1002, 1003], "event_timestamp": pd.to_datetime(times)}
)
training = store.get_historical_features(entity_df=trips, features=service).to_df()
store.materialize_incremental(end_date=datetime.now(timezone.utc))
keys = [{"driver_id": 1001}, {"driver_id": 1002}]
latest = store.get_online_features(features=service, entity_rows=keys).to_df()
training.to_json("training.json", orient="records")
latest.to_json("latest.json", orient="records")
