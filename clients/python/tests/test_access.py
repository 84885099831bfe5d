"""What asks a server that asks for keys."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import polars
import pytest
from world import BIG, definitions, embeddings, register, service, stats

import featuregraph as fg
from featuregraph import Featuregraph, FeaturegraphError, connect
from featuregraph.feast import FeatureStore

URL = os.environ.get("FEATUREGRAPH_GUARDED_URL", "")
ADMIN = os.environ.get("FEATUREGRAPH_GUARDED_KEY", "")


@pytest.fixture(scope="module")
def admin() -> Iterator[Featuregraph]:
    with connect(URL, api_key=ADMIN) as connected:
        register(connected, Path(os.environ["FEATUREGRAPH_GUARDED_DATA_ROOT"]))
        yield connected


def asked(query: str, **variables: Any) -> Any:
    body = {"query": query, "variables": variables}
    answer = httpx.post(f"{URL}/graphql", json=body, headers={"authorization": f"Bearer {ADMIN}"}).json()
    assert "errors" not in answer, answer
    return answer["data"]


def key(name: str, *roles: str) -> tuple[str, str]:
    """Its id and secret."""
    making = "mutation ($name: String!, $roles: [AccessRoleInput!]) { createApiKey(name: $name, roles: $roles) "
    made = asked(f"{making} {{ secret apiKey {{ id }} }} }}", name=name, roles=[{"role": one} for one in roles])
    return made["createApiKey"]["apiKey"]["id"], made["createApiKey"]["secret"]


def test_exports_grants_for_administrators(admin: Featuregraph) -> None:
    _, secret = key("viewer", "VIEWER")
    grants = [
        fg.grant("READER", to={"group": "analysts"}, on={"tag": "count"}, sensitive=True),
        fg.grant("MODEL", to={"apiKey": "viewer"}, on=stats),
    ]
    admin.apply(grants)
    exported = admin.export()
    written = [one for one in exported if "grant" in one]
    assert all(one.definition in written for one in grants)
    assert [one.definition for one in admin.grants()] == written
    assert len(exported) - len(written) >= len(definitions)
    plan = admin.plan(exported)
    assert plan.is_empty
    assert len(plan.grants) == len(written)
    assert not any("grant" in one for one in admin.export({"kinds": ["FEATURE_VIEW"]}))
    with connect(URL, api_key=secret) as viewer:
        assert viewer.export() == [one for one in exported if "grant" not in one]
        with pytest.raises(FeaturegraphError) as refused:
            list(viewer.grants())
    assert refused.value.code == "FORBIDDEN"


def test_scans_by_ranges_with_a_key(admin: Featuregraph) -> None:
    id, secret = key("reader", "READER")
    with connect(URL, api_key=secret) as reader:
        scanned = reader.training_set("acceptance").scan(expires_in="10m")
        assert "/runs/" in scanned.explain()
        assert secret not in scanned.explain()
        rows = scanned.filter(polars.col("driver_id") == 1).select("meters")
        assert rows.collect()["meters"].to_list() == [None, BIG, BIG + 2]
        assert reader.training_set("acceptance").split("TEST").scan().collect().height == 3
        with pytest.raises(FeaturegraphError) as refused:
            reader.training_set("acceptance").scan(expires_in="2d")
        assert refused.value.issues[0].path == "expiresIn"
    # Nothing was read before it was asked for, and whose key has ended reads no more.
    asked("mutation ($id: ID!) { revokeApiKey(id: $id) { id } }", id=id)
    with pytest.raises(Exception, match="401"):
        scanned.select("trips").collect()


def test_scans_the_whole_where_headers_say_who_asks(admin: Featuregraph) -> None:
    _, secret = key("by-header", "READER")
    with connect(URL, headers={"Authorization": f"Bearer {secret}", "x-team": "fleet"}) as reader:
        scanned = reader.training_set("acceptance").scan()
        assert "/runs/" not in scanned.explain()
        assert scanned.collect().height == 6


def test_serves_frames_to_a_model_that_may_see_nothing(admin: Featuregraph) -> None:
    _, secret = key("model")
    admin.apply([fg.grant("MODEL", to={"apiKey": "model"}, on=one) for one in (service, embeddings)])
    with connect(URL, api_key=secret) as model:
        served = model.online("dispatch", polars.DataFrame({"driver_id": [1, BIG]}))
        assert served["trips"].to_list() == [7, 9]
        answer = FeatureStore(graph=model).get_online_features("dispatch", [{"driver_id": 1}])
        assert answer.to_dict()["town"] == ["Rome"]
        found = model.nearest(embeddings.profile, [9.0, 1.0], k=1, select=["driver_stats:trips"])
        assert found == [{"driver_id": BIG, "score": 0.0, "trips": 9}]
        with pytest.raises(FeaturegraphError, match="note"):
            model.online("dispatch", polars.DataFrame({"driver_id": [1], "note": ["a"]}))
        with pytest.raises(FeaturegraphError):
            model.historical(polars.DataFrame({"driver_id": [1]}), "dispatch", latest=True)


def test_says_who_is_not_known(admin: Featuregraph) -> None:
    with connect(URL, api_key="fg_wrong") as stranger, pytest.raises(FeaturegraphError) as refused:
        stranger.training_set("acceptance").scan()
    assert refused.value.code == "UNAUTHENTICATED"
