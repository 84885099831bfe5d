from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from typing import Any

import polars
import pytest
from world import BIG, World, accepted, driver, source

import featuregraph as fg
from featuregraph import Featuregraph
from featuregraph.values import json_value, typed_value

by_key = fg.feature_view(
    "py_by_key",
    entity=driver,
    source=source,
    event_timestamp="happened_at",
    features={
        "rated": fg.sum("rating", fg.float64()).secondary_key("city", fg.string()).over("FOREVER"),
        "rides": fg.count().secondary_key("meters", fg.int64()).over("FOREVER"),
        "farthest": fg.max("meters", fg.int64()).secondary_key("day", fg.date()).over("FOREVER"),
    },
)
features = [by_key.rated, by_key.rides, by_key.farthest]
maps = fg.training_set("py_mapped", label=accepted, features=features)
ONE = {
    "rated": {"Rome": 9.25},
    "rides": {BIG: 1, BIG + 2: 1},
    "farthest": {date(2024, 1, 1): BIG, date(2024, 1, 2): BIG + 2},
}
TWO = {"rated": {"Bern, CH": None}, "rides": {3: 1}, "farthest": {date(2024, 1, 1): 3}}
NONE: dict[str, Any] = {"rated": {}, "rides": {}, "farthest": {}}


@pytest.fixture(scope="module")
def mapped(graph: Featuregraph, world: World) -> Featuregraph:
    applied = graph.apply([by_key, maps])
    graph.jobs.wait([job.id for job in applied.jobs], timeout=1200)
    return graph


def test_serves_maps_as_dicts_with_keys_of_their_types(mapped: Featuregraph) -> None:
    rows = mapped.online(features, [{"driver_id": one} for one in (1, 2, 77)])
    assert rows == [{"driver_id": 1, **ONE}, {"driver_id": 2, **TWO}, {"driver_id": 77, **NONE}]


def test_serves_maps_in_frames(mapped: Featuregraph) -> None:
    answer = mapped.online_features(features, {"driver_id": [1, 77]})
    frame = answer.to_polars()
    assert frame.schema["rides"] == polars.Map(polars.Int64, polars.Int64)
    assert frame["rides"].to_list() == [ONE["rides"], {}]
    assert answer.to_pandas()["farthest"].to_list() == [ONE["farthest"], {}]


def test_trains_on_maps(mapped: Featuregraph) -> None:
    rows = mapped.training_set(maps)
    frame = rows.to_polars()
    assert frame.schema["rated"] == polars.Map(polars.String, polars.Float64)
    assert {"Rome": 9.25} in frame["rated"].to_list()
    other = rows.to_pandas()
    assert {"Rome": 9.25} in other["rated"].to_list()
    assert ONE["farthest"] in other["farthest"].to_list()


def test_reads_and_writes_maps_in_json() -> None:
    assert typed_value("MAP(BOOL, FLOAT64)", {"true": "-Infinity", "false": None}) == {True: -math.inf, False: None}
    assert typed_value("MAP(INT32, BYTES)", {"-1": "AP8="}) == {-1: b"\x00\xff"}
    assert json_value({BIG: math.nan, date(2024, 1, 1): None, True: 1}) == {
        str(BIG): "NaN",
        "2024-01-01": None,
        "true": 1,
    }


@pytest.mark.parametrize("value", [{1}, object(), range(2), Decimal("1.5")])
def test_says_of_what_is_no_value_what_it_is(value: object) -> None:
    with pytest.raises(fg.FeaturegraphError, match=f"is of type {type(value).__name__}, which can't be sent") as raised:
        json_value([value])
    assert raised.value.code == "INVALID_INPUT"
