import json

import pandas as pd

import featuregraph as fg


class DriverStats(fg.FeatureView):
    conv_rate = fg.float32()
    acc_rate = fg.float32()
    avg_daily_trips = fg.int64()


driver = fg.entity("driver", {"driver_id": fg.int64()})
source = fg.files("driver_stats", "data/driver_stats.parquet")
stats = DriverStats(
    "driver_stats",
    entity=driver,
    source=source,
    event_timestamp="event_timestamp",
    created_timestamp="created",
    ttl="1d",
)
activity = fg.feature_service("driver_activity", list(stats))

graph = fg.connect()
graph.jobs.wait(graph.apply([driver, source, stats, activity]).jobs)
times = json.load(open("times.json"))
trips = pd.DataFrame(
    {"driver_id": [1001, 1002, 1003], "event_timestamp": pd.to_datetime(times)}
)
training = graph.historical(trips, activity)
keys = pd.DataFrame({"driver_id": [1001, 1002]})
latest = graph.online(activity, keys)
training.to_json("training.json", orient="records")
latest.to_json("latest.json", orient="records")
