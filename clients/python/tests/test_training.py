from __future__ import annotations

import io
from datetime import datetime, timedelta, timezone

import pandas
import polars
import pytest
from world import BIG, World, acceptance, duel, service, stats

from featuregraph import Featuregraph, FeaturegraphError, historical

NAMES = [
    "driver_id",
    "requested_at",
    "request_id",
    "accepted",
    "split",
    "trips",
    "rating",
    "trips_a_day_before",
    "meters",
]


def test_reads_polars_pandas_and_arrow(graph: Featuregraph, world: World) -> None:
    rows = graph.training_set(acceptance)
    frame = rows.to_polars()
    assert frame.columns == NAMES
    assert frame["trips"].to_list() == [None, 5, 7, 1, None, None]
    assert frame["meters"].to_list() == [None, BIG, BIG + 2, 3, None, None]
    assert frame["accepted"].to_list() == [True, False, True, None, True, True]
    assert frame["requested_at"][0] == datetime(2024, 1, 1, 9, 59, 59, tzinfo=timezone.utc)
    assert rows.to_arrow().num_rows == 6
    other = rows.to_pandas()
    assert other["meters"].dtype == pandas.Int64Dtype()
    assert other["meters"][2] == BIG + 2
    assert other["accepted"].isna().sum() == 1


def test_reads_one_part(graph: Featuregraph, world: World) -> None:
    rows = graph.training_set("acceptance")
    assert rows.split("train").to_polars().height == 3
    assert rows.split("TEST").to_pandas().shape[0] == 3
    with pytest.raises(FeaturegraphError, match="no part"):
        rows.split("rest")


@pytest.mark.parametrize("frame", ["polars", "pandas", "arrow"])
def test_reads_batches(graph: Featuregraph, world: World, frame: str) -> None:
    batches = list(graph.training_set(acceptance).batches(4, frame))  # type: ignore[arg-type]
    assert [len(batch) for batch in batches] == [4, 2]
    with pytest.raises(FeaturegraphError, match="one row at least"):
        next(graph.training_set(acceptance).batches(0))


def test_scans_by_ranges(graph: Featuregraph, world: World) -> None:
    scanned = graph.training_set(acceptance).scan().filter(polars.col("driver_id") == 1).select("meters").collect()
    assert scanned["meters"].to_list() == [None, BIG, BIG + 2]
    assert graph.training_set(acceptance).split("TEST").scan().collect().height == 3


def test_downloads_and_builds_again(graph: Featuregraph, world: World) -> None:
    file = io.BytesIO()
    graph.training_set("acceptance").download(file, "CSV")
    assert file.getvalue().startswith(b"driver_id,requested_at,request_id")
    job = graph.training_set("acceptance").build()
    [done] = graph.jobs.wait(job)
    assert done.state.value == "SUCCEEDED"
    with pytest.raises(FeaturegraphError) as missing:
        graph.training_set("nothing").to_polars()
    assert missing.value.code == "NOT_FOUND"


def test_joins_the_callers_own_rows(graph: Featuregraph, world: World) -> None:
    at = datetime(2024, 1, 2, 11, tzinfo=timezone.utc)
    frame = polars.DataFrame(
        {
            "odd": [timedelta(1), timedelta(2), timedelta(3)],
            "driver_id": [2, 1, BIG],
            "at": [at, at, at],
        }
    )
    joined = graph.historical(frame, [stats.trips, stats.meters.as_("m"), stats.trips.as_("t").lagged("1d")])
    assert joined.columns == ["odd", "driver_id", "at", "trips", "m", "t"]
    assert joined["odd"].to_list() == frame["odd"].to_list()
    assert joined["trips"].to_list() == [1, 7, None]
    assert joined["m"].to_list() == [3, BIG + 2, None]
    assert joined["t"].to_list() == [None, 5, None]


def test_keeps_order_and_index_of_pandas(graph: Featuregraph, world: World) -> None:
    frame = pandas.DataFrame(
        {
            "driver_id": [1, 2, 1],
            "event_timestamp": pandas.to_datetime(["2024-01-03 00:00", "2024-01-05 00:00", "2024-01-01 10:00"]),
        },
        index=[30, 10, 20],
    )
    frame[0] = ["columns", "without", "names"]
    joined = graph.historical(frame, service)
    assert list(joined.index) == [30, 10, 20]
    assert joined[0].tolist() == ["columns", "without", "names"]
    assert joined["trips"].tolist() == [7, 1, 5]
    assert joined["meters"].tolist() == [BIG + 2, 3, BIG]


def test_joins_roles_and_the_latest(graph: Featuregraph, world: World) -> None:
    frame = polars.DataFrame({"a": [1], "second_driver_id": [2]})
    joined = graph.historical(frame, duel, latest=True, keys={"first": {"driver_id": "a"}})
    assert joined.row(0) == (1, 2, 7, 1)
    with pytest.raises(FeaturegraphError, match="Say keys="):
        graph.historical(frame, duel, latest=True)
    with pytest.raises(FeaturegraphError, match="no column of times"):
        graph.historical(frame, duel)


def test_joins_in_parts(graph: Featuregraph, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(historical, "MOST_ROWS", 2)
    frame = polars.DataFrame({"driver_id": [1, 2, 1]}).with_columns(at=datetime(2024, 1, 3))
    assert graph.historical(frame, ["driver_stats:trips"])["trips"].to_list() == [7, 1, 7]
    assert graph.historical(frame.clear(), ["driver_stats:trips"]).height == 0
