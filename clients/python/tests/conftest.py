"""One server for all tests: its address and its data root come from whoever starts them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from world import World, register

from featuregraph import Featuregraph, connect


@pytest.fixture(scope="session")
def data_root() -> Path:
    return Path(os.environ["FEATUREGRAPH_TEST_DATA_ROOT"])


@pytest.fixture(scope="session")
def graph() -> Iterator[Featuregraph]:
    with connect() as connected:
        yield connected


@pytest.fixture(scope="session")
def world(graph: Featuregraph, data_root: Path) -> World:
    return register(graph, data_root)
