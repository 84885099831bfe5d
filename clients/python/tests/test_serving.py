from __future__ import annotations

import asyncio
from datetime import date, datetime, timezone

import pandas
import polars
import pyarrow
import pytest
from world import BIG, World, duel, embeddings, service, stats

from featuregraph import Featuregraph, FeaturegraphError, connect_async, frames, online


def test_answers_in_the_form_of_the_keys(graph: Featuregraph, world: World) -> None:
    one = {"driver_id": 1, "trips": 7, "town": "Rome", "meters": BIG + 2, "day": date(2024, 1, 2)}
    none = {"driver_id": 77, "trips": None, "town": None, "meters": None, "day": None}
    assert graph.online(service, {"driver_id": 1}) == one
    assert graph.online("dispatch", [{"driver_id": 1}, {"driver_id": 77}]) == [one, none]
    lists = graph.online(service, {"driver_id": [1, 77]})
    assert lists == {name: [one[name], none[name]] for name in one}
    assert graph.online(service, []) == []


def test_keeps_whole_numbers_beyond_2_to_the_53(graph: Featuregraph, world: World) -> None:
    row = graph.online(service, {"driver_id": BIG})
    assert row["driver_id"] == BIG
    assert row["trips"] == 9
    assert type(graph.online(service, {"driver_id": 1})["meters"]) is int


def test_serves_polars(graph: Featuregraph, world: World) -> None:
    frame = polars.DataFrame({"note": ["a", "b", "c"], "driver_id": [2, BIG, 1]})
    served = graph.online(service, frame)
    assert served.columns == ["note", "driver_id", "trips", "town", "meters", "day"]
    assert served["meters"].to_list() == [3, None, BIG + 2]
    assert served.schema["meters"] == polars.Int64
    assert served.schema["day"] == polars.Date


def test_serves_pandas_in_its_index(graph: Featuregraph, world: World) -> None:
    frame = pandas.DataFrame({"driver_id": [2, BIG, 1]}, index=["x", "y", "z"])
    served = graph.online(service, frame)
    assert list(served.index) == ["x", "y", "z"]
    assert served["meters"].dtype == pandas.Int64Dtype()
    assert served.loc["z", "meters"] == BIG + 2
    assert served.loc["y", "meters"] is pandas.NA


def test_serves_roles(graph: Featuregraph, world: World) -> None:
    row = graph.online(duel, {"first": {"driver_id": 1}, "second": {"driver_id": 2}})
    assert (row["first_trips"], row["second_trips"]) == (7, 1)
    frame = polars.DataFrame({"first_driver_id": [2], "second_driver_id": [1]})
    assert graph.online(duel, frame).row(0) == (2, 1, 1, 7)
    with pytest.raises(FeaturegraphError, match='Add a column "second_driver_id"'):
        graph.online(duel, frame.drop("second_driver_id"))


def test_says_statuses_and_times(graph: Featuregraph, world: World) -> None:
    answer = graph.online_features([stats.rating, "driver_stats:trips"], {"driver_id": [1, 2, 77]})
    assert answer["rating"].statuses == ["PRESENT", "NULL_VALUE", "NOT_FOUND"]
    assert answer["rating"].event_timestamps == [
        datetime(2024, 1, 2, 10, 0, 0, 123456, timezone.utc),
        datetime(2024, 1, 1, 12, tzinfo=timezone.utc),
        None,
    ]
    assert answer.to_polars()["trips"].to_list() == [7, 1, None]
    assert answer.to_pandas().shape == (3, 2)


def test_asks_of_an_instant(graph: Featuregraph, world: World) -> None:
    then = datetime(2024, 1, 2, 10, 0, 0, 123456, timezone.utc)
    assert graph.online_features([stats.rating], {"driver_id": [1]}, at=then)["rating"].statuses == ["PRESENT"]
    assert graph.online(service, {"driver_id": 1}, at=then)["trips"] == 7
    # In every form of the keys: a microsecond before it was something else, which is not kept.
    before = "2024-01-02T10:00:00.123455Z"
    forms = [{"driver_id": 1}, {"driver_id": [1]}, [{"driver_id": 1}], polars.DataFrame({"driver_id": [1]})]
    for keys in forms:
        with pytest.raises(FeaturegraphError) as refused:
            graph.online(service, keys, at=before)
        assert refused.value.code == "INVALID_INPUT"
    with pytest.raises(FeaturegraphError):
        graph.online_features([stats.rating], {"driver_id": [1]}, at=before)


def test_asks_in_parts(graph: Featuregraph, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(online, "MOST_KEYS", 2)
    assert graph.online(service, {"driver_id": [1, 2, 77, 2, 1]})["trips"] == [7, 1, None, 1, 7]


def test_pushes_frames_and_reads_them(graph: Featuregraph, world: World) -> None:
    at = datetime(2025, 1, 1, tzinfo=timezone.utc)
    rows = {"trips": [40, 41], "rating": [1.5, float("nan")], "city": ["Oslo", None], "meters": [BIG, -BIG]}
    frame = polars.DataFrame({"driver_id": [40, 41], "happened_at": [at, at], **rows, "day": [date(2025, 1, 1), None]})
    assert graph.push(stats, frame).written == 2
    assert graph.online(service, {"driver_id": [40, 41]})["meters"] == [BIG, -BIG]
    older = frame.with_columns(happened_at=polars.lit(datetime(2024, 1, 1, tzinfo=timezone.utc)))
    assert graph.push(stats, older.to_pandas()).stale == 2
    answer = graph.online_features(stats, {"driver_id": [40, 41]})
    assert answer["rating"].values[0] == 1.5
    assert str(answer["rating"].values[1]) == "nan"
    row = {"driver_id": 42, "happened_at": datetime(2025, 1, 1), "trips": 1}
    assert graph.push("driver_stats", [{**row, "rating": None, "city": None, "meters": 0, "day": None}]).written == 1
    with pytest.raises(FeaturegraphError, match=r"rows\[0\].rating: is missing"):
        graph.push("driver_stats", [row])


def test_sends_frames_as_arrow() -> None:
    days = pandas.to_datetime(["2025-01-01", None])
    frame = pandas.DataFrame({"n": [1.0, float("nan")], "c": pandas.Categorical([1, 2]), "day": days})
    sent = pyarrow.ipc.open_stream(frames.arrow_of(frame, ["day", "n", "c"], {"day"})).read_all()
    assert sent.to_pydict() == {"day": [date(2025, 1, 1), None], "n": [1.0, None], "c": [1, 2]}
    odd = polars.DataFrame({"o": [object()]}, schema={"o": polars.Object})
    assert frames.arrow_of(odd, ["o"]) is None
    assert frames.arrow_of(pandas.DataFrame({"o": [1, "a"]}), ["o"]) is None


def test_finds_the_nearest(graph: Featuregraph, world: World) -> None:
    found = graph.nearest(embeddings.profile, [7.0, 1.0], k=2, select=[stats.trips, stats.meters])
    assert found[0] == {"driver_id": 1, "score": 0.0, "trips": 7, "meters": BIG + 2}
    assert len(graph.nearest("driver_profile:profile", {"driver_id": 1}, k=1)) == 1
    # Its key is a text in JSON.
    assert graph.nearest(embeddings.profile, [9.0, 1.0], k=1)[0]["driver_id"] == BIG


def test_tells_what_is_wrong(graph: Featuregraph, world: World) -> None:
    with pytest.raises(FeaturegraphError) as unknown:
        graph.online("nothing", {"driver_id": 1})
    assert unknown.value.code == "NOT_FOUND"
    with pytest.raises(FeaturegraphError, match="same keys"):
        graph.online(service, [{"driver_id": 1}, {}])
    with pytest.raises(FeaturegraphError, match="would replace"):
        graph.online(service, polars.DataFrame({"driver_id": [1], "trips": [1]}))


def test_serves_many_at_once_without_blocking(graph: Featuregraph, world: World) -> None:
    async def ask() -> list[dict[str, object]]:
        async with connect_async() as connected:
            return await asyncio.gather(*(connected.online(service, {"driver_id": 1}) for _ in range(20)))

    assert {row["trips"] for row in asyncio.run(ask())} == {7}
