from __future__ import annotations

from datetime import datetime, timezone
from types import SimpleNamespace

import pandas
import pytest
from world import BIG, World, driver, source

import featuregraph as fg
from featuregraph import Featuregraph, FeaturegraphError
from featuregraph.feast import FeatureStore

PUSHED = {"feast_push_source": "phones"}
AT = pandas.to_datetime(["2024-01-03 00:00", "2024-01-01 10:00"], utc=True)


@pytest.fixture
def store(graph: Featuregraph, world: World) -> FeatureStore:
    return FeatureStore(graph=graph)


def test_joins_history(store: FeatureStore) -> None:
    entities = pandas.DataFrame({"driver_id": [1, 1], "event_timestamp": AT}, index=[5, 3])
    job = store.get_historical_features(entities, ["driver_stats:trips", "driver_stats:meters"], True)
    frame = job.to_df()
    assert list(frame.columns) == ["driver_id", "event_timestamp", "driver_stats__trips", "driver_stats__meters"]
    assert list(frame.index) == [5, 3]
    assert frame["driver_stats__meters"].tolist() == [BIG + 2, BIG]
    assert job.to_arrow().num_rows == 2
    with pytest.raises(FeaturegraphError, match="is SQL"):
        store.get_historical_features("select 1", ["driver_stats:trips"])  # type: ignore[arg-type]
    with pytest.raises(FeaturegraphError, match="Name the column of times"):
        store.get_historical_features(entities.rename(columns={"event_timestamp": "at"}), ["driver_stats:trips"])


def test_serves(store: FeatureStore) -> None:
    answer = store.get_online_features(["driver_stats:trips"], [{"driver_id": 1}, {"driver_id": 77}])
    assert answer.to_dict() == {"driver_id": [1, 77], "trips": [7, None]}
    assert answer.statuses() == {"trips": ["PRESENT", "NOT_FOUND"]}
    assert answer.to_dict(include_event_timestamps=True)["trips__ts"][1] == 0
    duel = store.get_online_features("duel", [{"first_driver_id": 1, "second_driver_id": 2}]).to_dict()
    assert duel == {"first_driver_id": [1], "second_driver_id": [2], "first_trips": [7], "second_trips": [1]}
    assert answer.to_arrow().column("trips").to_pylist() == [7, None]
    found = store.get_online_features(store.get_feature_service("dispatch"), [{"driver_id": 1}])
    assert found.to_dict()["town"] == ["Rome"]
    service = SimpleNamespace(name="dispatch")
    assert store.get_online_features(service, {"driver_id": [1]}).to_df().loc[0, "town"] == "Rome"
    with pytest.raises(FeaturegraphError, match="view:feature"):
        store.get_online_features(["trips"], [{"driver_id": 1}])


def test_pushes_to_the_views_that_a_push_source_fed(store: FeatureStore) -> None:
    fed = {"entity": driver, "source": source, "event_timestamp": "happened_at", "properties": PUSHED}
    pushed = [
        fg.feature_view("pushed_trips", features={"trips": fg.int64()}, **fed),
        fg.feature_view("pushed_cities", features={"city": fg.string()}, **fed),
    ]
    store.graph.jobs.wait(store.graph.apply(pushed).jobs)
    row = {"driver_id": 60, "happened_at": AT[0], "trips": 8, "city": "Ulm", "meters": 3}
    store.push("phones", pandas.DataFrame([row]), to=SimpleNamespace(name="ONLINE"))
    answer = store.get_online_features(["pushed_trips:trips", "pushed_cities:city"], [{"driver_id": 60}])
    assert answer.to_dict() == {"driver_id": [60], "trips": [8], "city": ["Ulm"]}


def test_pushes_and_materializes(store: FeatureStore) -> None:
    row = {"driver_id": 50, "happened_at": AT[0], "trips": 3, "rating": 1.0, "city": "Ulm", "meters": 1, "day": None}
    store.push("driver_stats", pandas.DataFrame([row | {"note": "not of the view"}]))
    assert store.get_online_features(["driver_stats:trips"], [{"driver_id": 50}]).to_dict()["trips"] == [3]
    with pytest.raises(FeaturegraphError, match="add the rows to the source") as refused:
        store.push("driver_stats", pandas.DataFrame([row]), to=SimpleNamespace(name="ONLINE_AND_OFFLINE"))
    assert refused.value.code == "UNSUPPORTED"
    with pytest.raises(FeaturegraphError) as unknown:
        store.push("nothing", pandas.DataFrame([row]))
    assert unknown.value.code == "NOT_FOUND"
    store.materialize(datetime(2024, 1, 1, tzinfo=timezone.utc), datetime(2024, 1, 4, tzinfo=timezone.utc))
    store.materialize_incremental(datetime(2024, 1, 4, tzinfo=timezone.utc), ["driver_stats"])
