"""Fails where featuregraph/generated is not what ariadne-codegen writes from the schema and operations."""

from __future__ import annotations

import filecmp
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CLIENT = Path(__file__).parent.parent
GENERATED = CLIENT / "featuregraph" / "generated"


def main() -> int:
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "clients" / "python"
        (home / "featuregraph").mkdir(parents=True)
        (home.parent.parent / "schema").mkdir()
        shutil.copy(CLIENT.parent.parent / "schema" / "schema.graphql", home.parent.parent / "schema")
        shutil.copytree(CLIENT / "operations", home / "operations")
        shutil.copy(CLIENT / "pyproject.toml", home)
        codegen = Path(sys.executable).parent / "ariadne-codegen"
        subprocess.run([sys.executable, codegen], cwd=home, check=True, stdout=subprocess.DEVNULL)
        fresh = home / "featuregraph" / "generated"
        names = {path.name for path in (*fresh.glob("*.py"), *GENERATED.glob("*.py"))}
        differing = [name for name in sorted(names) if not same(fresh / name, GENERATED / name)]
    if differing:
        print(f"featuregraph/generated is not what ariadne-codegen writes: {', '.join(differing)}.")
        print("Run `ariadne-codegen` in clients/python.")
    return 1 if differing else 0


def same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and filecmp.cmp(one, other, shallow=False)


if __name__ == "__main__":
    sys.exit(main())
