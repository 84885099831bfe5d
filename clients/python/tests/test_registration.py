from __future__ import annotations

from pathlib import Path

import polars
import pytest
from world import World, definitions, driver, source, stats

import featuregraph as fg
from featuregraph import Featuregraph, FeaturegraphError, FeatureView
from featuregraph.plans import Plan


def test_registers_all_and_plans_no_change_after(graph: Featuregraph, world: World) -> None:
    assert {step.action.value for step in world.applied.steps} == {"CREATE"}
    assert all(job.state.value == "SUCCEEDED" for job in world.jobs)
    plan = graph.plan(definitions)
    assert plan.is_empty
    assert "unchanged" in str(plan)


def test_exports_what_plans_no_change(graph: Featuregraph, world: World) -> None:
    exported = graph.export()
    assert len(exported) >= len(definitions)
    assert graph.plan(exported).is_empty


def test_prints_a_plan_as_a_difference(graph: Featuregraph, world: World) -> None:
    fresh = fg.feature_view("fresh", entity=driver, source=source, features={"rating": fg.float64()}, online_store=None)
    changed = fg.entity("driver", {"driver_id": fg.int64("As in the fleet.")}, description="Who <drives>.")
    plan = graph.plan([fresh, changed])
    assert not plan.is_empty
    assert "+ feature_view fresh@v1" in str(plan)
    assert '    description: "Who drives." -> "Who <drives>."' in str(plan)
    assert "Who &lt;drives&gt;." in plan._repr_html_()


def test_says_in_a_notebook_what_is_to_be_known_of_a_plan() -> None:
    note = fg.Issue("definitions[0]", "is pinned to <v1>", "Bump it.")
    shown = Plan(steps=[], grants=[], issues=[], notes=[note], jobs=[])._repr_html_()
    assert "<code>definitions[0]</code>: is pinned to &lt;v1&gt; Bump it." in shown


def test_plans_and_applies_grants(graph: Featuregraph, world: World) -> None:
    analysts = fg.grant("READER", to={"group": "analysts"}, on=stats)
    plan = graph.plan([analysts])
    assert not plan.is_empty
    assert '+ grant READER to group "analysts" on kind FEATURE_VIEW and ref "driver_stats"' in str(plan)
    assert "grant READER" in plan._repr_html_()
    assert [one.action.value for one in graph.apply([analysts]).grants] == ["CREATE"]
    assert graph.plan([analysts]).is_empty
    assert not graph.plan([fg.grant("READER", to={"group": "analysts"}, on=stats, sensitive=True)]).is_empty


def test_plans_windows_by_every_function(graph: Featuregraph, world: World) -> None:
    features = {
        "all_of_them": fg.count().over("1h", "Rows.", hop="1m", offset="1d", inclusive=True, default="-1"),
        "rated": fg.count("rating", fg.float64()).over("FOREVER"),
        "cities": fg.count_distinct("city", fg.string(), limit=5).over("7d"),
        "total": fg.sum("rating", fg.float64()).over("7d"),
        "mean": fg.mean("rating", fg.float64()).over("7d"),
        "variance": fg.variance("rating", fg.float64()).over("7d"),
        "stddev": fg.stddev("rating", fg.float64()).over("7d"),
        "p99": fg.quantile("rating", 0.99, fg.float64()).over("7d", hop="1d"),
        "least": fg.min("rating", fg.float64()).over("7d"),
        "most": fg.max("rating", fg.float64()).over("7d"),
        "first_city": fg.first("city", fg.string()).over("FOREVER"),
        "last_city": fg.last("city", fg.string()).over("7d", graphql_name="latestCity"),
        "last_cities": fg.last_k("city", 3, fg.string()).over("7d"),
        "distinct_cities": fg.collect_distinct("city", fg.string(), limit=9).over("7d"),
        "by_city": fg.mean("rating", fg.float64()).secondary_key("city", fg.string()).over("7d", hop="1h"),
    }
    windows = fg.feature_view(
        "windows",
        entity=driver,
        source=source,
        features=features,
        event_timestamp="happened_at",
        event_id={"column": "city"},
        lateness="3h",
        online_store=None,
    )
    assert graph.plan([windows]).issues == []
    assert fg.sum("n", fg.int32()).over("1d").type == "INT64"
    assert fg.sum("n", fg.int32()).secondary_key("day", fg.date()).over("1d").type == "MAP(DATE, INT64)"
    written = windows.definition["featureView"]
    assert isinstance(written, dict)
    assert written["features"][0] == {
        "name": "all_of_them",
        "type": "INT64",
        "description": "Rows.",
        "aggregation": {
            "function": "COUNT",
            "window": "1h",
            "hop": "1m",
            "offset": "1d",
            "inclusive": True,
            "default": "-1",
        },
    }


def test_names_everything_that_is_wrong(graph: Featuregraph, world: World) -> None:
    wrong = fg.feature_view(
        "wrong", entity=driver, source=source, features={"nothing": fg.float64(), "city": fg.int64()}
    )
    plan = graph.plan([wrong])
    assert len(plan.issues) == 2
    with pytest.raises(FeaturegraphError) as refused:
        graph.apply([wrong])
    assert refused.value.code == "INVALID_INPUT"
    assert len(refused.value.issues) == 2
    assert "nothing" in str(refused.value)


def test_refuses_a_field_that_there_is_not(graph: Featuregraph) -> None:
    with pytest.raises(FeaturegraphError) as refused:
        graph.plan([{"entity": {"name": "x", "joinKeys": [], "colour": "red"}}])
    assert refused.value.code == "BAD_USER_INPUT"
    assert "colour" in str(refused.value)


def test_proposes_a_view_of_a_frame(graph: Featuregraph, world: World, data_root: Path) -> None:
    frame = polars.read_csv(data_root / "stats.csv", try_parse_dates=True)
    frame = frame.with_columns(polars.col("rating").cast(polars.Float32))
    view = FeatureView.from_frame("proposed", frame, entity=driver, source=source, event_timestamp="happened_at")
    types = {one["name"]: one["type"] for one in view.definition["featureView"]["features"]}  # type: ignore[index]
    assert types == {
        "trips": "INT64",
        "rating": "FLOAT32",
        "city": "STRING",
        "meters": "INT64",
        "day": "DATE",
        "ride": "FLOAT64",
    }
    assert view.trips.feature == "proposed:trips"
    from_pandas = FeatureView.from_frame(
        "proposed", frame.to_pandas(), entity=driver, source=source, event_timestamp="happened_at"
    )
    assert {one.name for one in from_pandas} == set(types)
    with pytest.raises(FeaturegraphError, match="0, which is no name"):
        FeatureView.from_frame(
            "proposed", frame.to_pandas().assign(x=1).rename(columns={"x": 0}), entity=driver, source=source
        )
    with pytest.raises(FeaturegraphError, match=r"odd \(Duration"):
        odd = frame.with_columns(odd=polars.lit(1).cast(polars.Duration))
        FeatureView.from_frame("proposed", odd, entity=driver, source=source)


def test_features_are_attributes() -> None:
    assert stats.trips.feature == "driver_stats:trips"
    assert stats["trips"] == stats.trips
    assert fg.all_of(stats, role="first")[0].name == "first_trips"
    with pytest.raises(AttributeError):
        stats.nothing  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(KeyError, match="it has trips, rating"):
        stats["nothing"]
    with pytest.raises(ValueError, match="no lag"):
        fg.feature_service("lagged", [stats.trips.lagged("1d")])


def test_finds_what_is_registered(graph: Featuregraph, world: World) -> None:
    assert "driver_stats" in [one.name for one in graph.search("driver stats")]
    assert {"ENTITY", "MODEL", "FEATURE_VIEW"} <= {one.kind.value for one in graph.resources()}


def test_draws_lineage(graph: Featuregraph, world: World) -> None:
    lineage = graph.lineage("FEATURE_VIEW", "driver_stats")
    layers = [[node.ref for node in layer] for layer in lineage.layers()]
    place = {ref: at for at, layer in enumerate(layers) for ref in layer}
    assert place["stats@v1"] < place["driver_stats@v1"] < place["acceptance@v1"] <= place["dispatcher@v1"]
    assert lineage._repr_svg_().count("<rect") == len(lineage.nodes)
    assert "driver_stats@v1" in lineage._repr_html_()
    with pytest.raises(FeaturegraphError, match="not registered"):
        graph.lineage("FEATURE_VIEW", "nothing")


def test_previews_a_source(graph: Featuregraph, world: World) -> None:
    frame = graph.preview("stats", 2)
    assert frame.shape == (2, 8)
    assert frame["driver_id"].to_list() == [1, 1]
    assert str(frame["day"].dtype) == "Date"


def test_on_demand_views_are_what_the_graph_takes_and_serves(graph: Featuregraph, world: World) -> None:
    quote = fg.on_demand_feature_view(
        "py_quote",
        inputs=[stats.trips.as_("x")],
        request={"amount": fg.float64("What is to be paid."), "promo": fg.optional(fg.string())},
        features={
            "known": "x != null",
            "doubled": fg.computed(fg.float64(), "request.amount * 2.0", "Twice as much.", tags=["price"]),
        },
    )
    body = quote.definition["onDemandFeatureView"]
    assert isinstance(body, dict)
    assert body["inputs"] == [{"feature": f"{stats.reference}:trips", "alias": "x"}]
    assert body["request"] == [
        {"name": "amount", "type": "FLOAT64", "description": "What is to be paid."},
        {"name": "promo", "type": "STRING", "optional": True},
    ]
    assert quote.doubled.feature == "py_quote:doubled"
    with pytest.raises(AttributeError):
        _ = quote.halved
    graph.apply([quote])
    served = graph.online([quote.doubled, quote.known], {"driver_id": 1}, request={"amount": 3.5})
    assert served == {"driver_id": 1, "doubled": 7.0, "known": True}
    columns = graph.online_features(quote, {"driver_id": [1, 2]}, request={"amount": [1.0, None]})
    assert columns["doubled"].values == [2.0, None]
    assert columns["doubled"].statuses == ["PRESENT", "NULL_VALUE"]
    frame = polars.DataFrame({"driver_id": [1, 2]})
    with_features = graph.online([quote.doubled], frame, request={"amount": [0.5, 1.0]})
    assert with_features["doubled"].to_list() == [1.0, 2.0]
