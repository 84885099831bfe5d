"""docs/python.md is one program, which runs; the package is light."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from world import World

import featuregraph as fg
from featuregraph import Featuregraph

ROOT = Path(__file__).parents[3]
ORDERS = """customer_id,ordered_at,orders_30d,spent_30d,last_city
1,2024-01-01T00:00:00Z,3,12.5,Rome
1,2024-01-02T12:00:00Z,4,20.25,Rome
2,2024-01-02T00:00:00Z,1,5.0,Bern
"""
GIFTS = """from_id,to_id,given_at,kept
1,2,2024-01-03T00:00:00Z,true
2,1,2024-01-04T00:00:00Z,false
"""


def test_runs_the_page(graph: Featuregraph, world: World, data_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data_root / "orders.csv").write_text(ORDERS)
    (data_root / "gifts.csv").write_text(GIFTS)
    page = (ROOT / "docs" / "python.md").read_text()
    program = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    # The server has its providers already, under the same names.
    program = program.replace('fg.duckdb(), fg.lmdb({"path": "latest"}), ', "")
    names: dict[str, object] = {"__name__": "documented"}
    exec(compile(program, "docs/python.md", "exec"), names)
    assert "+ feature_service churn@v1" in capsys.readouterr().out
    assert names["one"] == {"customer_id": 1, "orders_30d": 4, "spent": 20.25}


def test_has_the_builders_of_typescript() -> None:
    index = (ROOT / "clients" / "typescript" / "index.ts").read_text()
    exported = {
        name
        for module in re.findall(r"export \{([^}]*)\} from './definitions/", index)
        for name in re.findall(r"^\s*(?!type )(\w+)", module, re.MULTILINE)
    } | {name for line in re.findall(r"export \{([^}]*)\} from './definitions/", index) for name in line.split(", ")}
    wanted = {name.strip() for name in exported if re.fullmatch(r"\s*[a-z]\w*\s*", name)}
    snake = {re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", name) for name in wanted}
    # A list needs no builder of its own in Python.
    missing = sorted(name for name in snake - {"definitions"} if not hasattr(fg, name))
    assert len(snake) > 20
    assert missing == []


def test_is_imported_with_little() -> None:
    """HTTP, its models and libraries of frames wait until they are needed: their import takes most of a second."""
    listed = "import sys; before = set(sys.modules); import featuregraph; print(*sorted(set(sys.modules) - before))"
    modules = subprocess.check_output([sys.executable, "-c", listed], text=True).split()
    roots = {name.partition(".")[0] for name in modules}
    assert roots - set(sys.stdlib_module_names) == {"featuregraph", "typing_extensions"}
    assert len(modules) <= 100


def test_depends_on_little() -> None:
    project = (ROOT / "clients" / "python" / "pyproject.toml").read_text()
    dependencies = re.search(r"^dependencies = \[(.*?)\]", project, re.MULTILINE | re.DOTALL)
    assert dependencies is not None
    assert dependencies[1].count('"') // 2 <= 5
