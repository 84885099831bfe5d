"""A pipeline of real ZenML whose steps read features through our flavour, in a directory of its own."""

from __future__ import annotations

import os

import pandas
from zenml import pipeline, step
from zenml.client import Client
from zenml.enums import StackComponentType

BIG = 2**53 + 1


@step
def train() -> int:
    store = Client().active_stack.feature_store
    assert store is not None
    times = pandas.to_datetime(["2024-01-03 00:00", "2024-01-01 10:00"], utc=True)
    rows = pandas.DataFrame({"driver_id": [1, 1], "event_timestamp": times})
    frame = store.get_historical_features(rows, ["driver_stats:trips", "driver_stats:meters"])
    assert frame["meters"].tolist() == [BIG + 2, BIG]
    return int(frame["trips"].sum())


@step
def serve(seen: int) -> int:
    store = Client().active_stack.feature_store
    assert store is not None
    answer = store.get_online_features([{"driver_id": 1}], ["driver_stats:trips"], full_feature_names=True)
    assert answer == {"driver_id": [1], "driver_stats__trips": [7]}
    return seen


@pipeline(enable_cache=False)
def learning() -> None:
    serve(train())


def main() -> None:
    client = Client()
    client.create_flavor("featuregraph.zenml.FeaturegraphFeatureStoreFlavor", StackComponentType.FEATURE_STORE)
    url = os.environ["FEATUREGRAPH_URL"]
    store = client.create_stack_component(
        "features", "featuregraph", StackComponentType.FEATURE_STORE, configuration={"url": url}
    )
    usual = client.active_stack_model.components
    components = {
        kind: usual[kind][0].id for kind in (StackComponentType.ORCHESTRATOR, StackComponentType.ARTIFACT_STORE)
    }
    client.create_stack("with_features", {**components, StackComponentType.FEATURE_STORE: store.id})
    client.activate_stack("with_features")
    run = learning()
    assert run is not None
    steps = Client().get_pipeline_run(run.id).steps
    assert {name: one.status.value for name, one in steps.items()} == {"train": "completed", "serve": "completed"}
    assert steps["serve"].outputs["output"][0].load() == 12
    print("the pipeline has run")


if __name__ == "__main__":
    main()
