"""A small world of drivers, registered from Python."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import featuregraph as fg
from featuregraph import Featuregraph, FeatureService, FeatureView, TrainingSet

BIG = 2**53 + 1

STATS = f"""driver_id,happened_at,trips,rating,city,meters,day,ride
1,2024-01-01T10:00:00,5,4.5,Rome,{BIG},2024-01-01,
1,2024-01-02T10:00:00.123456,7,4.75,Rome,{BIG + 2},2024-01-02,1.5
2,2024-01-01T12:00:00,1,,"Bern, CH",3,2024-01-01,2.5
{BIG},2024-01-03T08:00:00,9,3.25,,,,
"""
REQUESTS = """request_id,driver_id,requested_at,accepted
100,1,2024-01-01T09:59:59,true
101,1,2024-01-01T10:00:00,false
102,1,2024-01-03T00:00:00,true
103,2,2024-01-05T00:00:00,
104,9,2024-01-05T00:00:00,true
104,9,2024-01-05T00:00:00,true
"""
RACES = """first,second,raced_at,close
1,2,2024-01-04T00:00:00,true
2,1,2024-01-01T11:00:00,false
"""


class Stats(FeatureView):
    trips = fg.int64("Trips so far.", tags=["count"])
    rating = fg.float64()
    city = fg.string()
    meters = fg.int64()
    day = fg.date()


driver = fg.entity("driver", {"driver_id": fg.int64("As in the fleet.")}, description="Who drives.")
providers = [
    fg.duckdb({"threads": 1}),
    fg.lmdb({"path": "latest"}),
    fg.usearch({"path": "neighbours"}),
]
source = fg.files("stats", "stats.csv", owner="fleet@example.com")
stats = Stats(
    "driver_stats",
    entity=driver,
    source=source,
    event_timestamp="happened_at",
    properties={"team": "fleet"},
)
profiles = fg.transformation(
    "profiles",
    fg.sql(
        "select driver_id, happened_at, [cast(trips as float), cast({one} as float)] as profile from {stats}",
        one=1,
        stats=source,
    ),
    as_="VIEW",
)
embeddings = fg.feature_view(
    "driver_profile",
    entity=driver,
    source=profiles,
    event_timestamp="happened_at",
    features={"profile": fg.vector(2, "L2")},
)
accepted = fg.label(
    "accepted",
    source=fg.files("requests", "requests.csv"),
    value={"accepted": fg.bool()},
    timestamp="requested_at",
    entities=[driver],
    columns=["request_id"],
)
acceptance: TrainingSet = fg.training_set(
    "acceptance",
    label=accepted,
    features=[stats.trips, stats.rating, stats.trips.as_("trips_a_day_before").lagged("1d"), stats.meters],
    split={"time": {"test": "2024-01-04T00:00:00Z"}},
)
service: FeatureService = fg.feature_service("dispatch", [stats.trips, stats.city.as_("town"), stats.meters, stats.day])
race = fg.label(
    "race",
    source=fg.files("races", "races.csv"),
    value={"close": fg.bool()},
    timestamp="raced_at",
    entities={
        "first": fg.by(driver, {"driver_id": "first"}),
        "second": fg.by(driver, {"driver_id": "second"}),
    },
)
duel = fg.feature_service("duel", [stats.trips.in_("first"), stats.trips.in_("second")])
dispatcher = fg.model("dispatcher", training_sets=[acceptance], feature_services=[service])
definitions: list[fg.Definition] = [
    *providers,
    driver,
    source,
    stats,
    profiles,
    embeddings,
    fg.files("requests", "requests.csv"),
    fg.files("races", "races.csv"),
    accepted,
    race,
    acceptance,
    service,
    duel,
    dispatcher,
]


@dataclass(frozen=True)
class World:
    applied: Any
    jobs: list[Any]


def register(graph: Featuregraph, data_root: Path) -> World:
    for name, text in (("stats", STATS), ("requests", REQUESTS), ("races", RACES)):
        (data_root / f"{name}.csv").write_text(text)
    applied = graph.apply(definitions)
    return World(applied, graph.jobs.wait([job.id for job in applied.jobs], timeout=1200))
