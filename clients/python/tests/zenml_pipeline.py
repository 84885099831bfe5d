"""Runs the pipeline of docs/zenml.md on the stack that the page makes, and looks at what its steps have read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas
from zenml.client import Client

from featuregraph.zenml import FeaturegraphFeatureStore

BIG = 2**53 + 1
PAGE = Path(__file__).parents[3] / "docs" / "zenml.md"


def pipeline_of_the_page(work: Path) -> Any:
    """As part of the program that runs, and with a file of its own: ZenML looks for steps in both."""
    [program] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    file = work / "documented.py"
    file.write_text(program)
    names = globals()
    exec(compile(program, str(file), "exec", dont_inherit=True), names)
    return names["run"]


def main() -> None:
    run = pipeline_of_the_page(Path.cwd())
    steps = Client().get_pipeline_run(run.id).steps
    assert {name: one.status.value for name, one in steps.items()} == {"train": "completed", "serve": "completed"}
    trained = steps["train"].outputs["output"][0].load()
    assert trained["trips"].tolist() == [7, 5]
    assert trained["rating"].tolist() == [4.75, 4.5]
    assert steps["serve"].outputs["output"][0].load() == {"driver_id": [1], "trips": [7]}
    store = Client().active_stack.feature_store
    assert isinstance(store, FeaturegraphFeatureStore)
    rows = pandas.DataFrame({"driver_id": [1], "event_timestamp": pandas.to_datetime(["2024-01-03"], utc=True)})
    assert store.get_historical_features(rows, ["driver_stats:meters"])["meters"].tolist() == [BIG + 2]
    answer = store.get_online_features([{"driver_id": 1}], ["driver_stats:trips"], full_feature_names=True)
    assert answer == {"driver_id": [1], "driver_stats__trips": [7]}
    print("the pipeline has run")


if __name__ == "__main__":
    main()
