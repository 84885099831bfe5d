"""What a type checker says of the client's users: it must find an error in each line that ends with the word wrong."""

import polars
from typing_extensions import assert_type

import featuregraph as fg
from featuregraph import FeatureView, SelectedFeature

driver = fg.entity("driver", {"driver_id": fg.int64()})
trips = fg.files("trips", "trips.parquet", provider=fg.duckdb(), tags=["raw"])


class Stats(FeatureView):
    conv_rate = fg.float64("Accepted, of those offered.")
    cities = fg.list(fg.string())


by_city = fg.sum("conv_rate", fg.float64()).secondary_key("city", fg.string()).over("7d")
assert_type(by_city, fg.ColumnType[dict[str, float | None]])
fg.last_k("conv_rate", 3, fg.float64()).secondary_key("city", fg.string())  # wrong


stats = Stats("stats", entity=driver, source=trips, ttl="90d")
assert_type(stats.conv_rate, SelectedFeature[float])
assert_type(stats.cities, SelectedFeature[list[str | None]])
print(stats.conv_rat)  # wrong
Stats("stats", entity=trips, source=trips)  # wrong
Stats("stats", entity=driver, source=trips, tll="90d")  # wrong
Stats("stats", entity=driver, source=trips, online_store=fg.qdrant())  # wrong
fg.files("trips", "trips.parquet", provider=fg.redis())  # wrong
fg.vector(3, "EUCLID")  # wrong
eta = fg.feature_service("eta", [stats.conv_rate, *fg.all_of(stats, role="first")])
fg.feature_service("eta", [stats])  # wrong
fg.training_set("late", label=eta, features=[])  # wrong

graph = fg.connect()
assert_type(graph.historical(polars.DataFrame(), eta), polars.DataFrame)
assert_type(graph.training_set("late").to_polars(), polars.DataFrame)
graph.training_set("late").to_polar()  # wrong
graph.historical([], eta)  # wrong
