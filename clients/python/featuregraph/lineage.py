"""What a resource was built on and what is built on it, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y = 190, 40, 50, 14
_FILLS = {
    "PROVIDER": "#eaeef2",
    "SOURCE": "#ddf4ff",
    "ENTITY": "#fff8c5",
    "FEATURE_VIEW": "#dafbe1",
    "ON_DEMAND_FEATURE_VIEW": "#d1f5f0",
    "FEATURE": "#dafbe1",
    "LABEL": "#ffeff7",
    "TRAINING_SET": "#fbefff",
    "FEATURE_SERVICE": "#fbefff",
    "MODEL": "#fff1e5",
}


@dataclass(frozen=True)
class LineageNode:
    id: str
    kind: str
    ref: str
    status: str


@dataclass(frozen=True, repr=False)
class Lineage:
    """Resources, nearest first, with the one asked of. Edges lead from ids to what was built on them."""

    nodes: Sequence[LineageNode]
    edges: Sequence[tuple[str, str]]

    def __repr__(self) -> str:
        return f"Lineage of {len(self.nodes)} resources and {len(self.edges)} edges"

    def layers(self) -> list[list[LineageNode]]:
        """Each node right of all that it was built on."""
        depth = {node.id: 0 for node in self.nodes}
        edges = [(start, end) for start, end in self.edges if start in depth and end in depth]
        for _ in self.nodes:
            moved = [(end, depth[start] + 1) for start, end in edges if depth[end] <= depth[start]]
            if not moved:
                break
            for end, least in moved:
                depth[end] = max(depth[end], least)
        columns: list[list[LineageNode]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
        for node in self.nodes:
            columns[depth[node.id]].append(node)
        return columns

    def to_svg(self) -> str:
        layers = self.layers()
        places = {
            node.id: (x * (_WIDTH + _GAP_X) + 4, y * (_HEIGHT + _GAP_Y) + 4)
            for x, layer in enumerate(layers)
            for y, node in enumerate(layer)
        }
        width = len(layers) * (_WIDTH + _GAP_X) - _GAP_X + 8
        height = max((len(layer) for layer in layers), default=1) * (_HEIGHT + _GAP_Y) - _GAP_Y + 8
        lines = "".join(_line(places, edge) for edge in self.edges)
        boxes = "".join(_box(places[node.id], node) for node in self.nodes)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{max(width, 8)}" height="{height}" '
            f'font-family="system-ui, sans-serif" font-size="12">{lines}{boxes}</svg>'
        )

    def _repr_svg_(self) -> str:
        return self.to_svg()

    def _repr_html_(self) -> str:
        return f'<div style="overflow-x:auto">{self.to_svg()}</div>'

    def __str__(self) -> str:
        names = {node.id: node.ref for node in self.nodes}
        return "\n".join(f"{names.get(start, start)} -> {names.get(end, end)}" for start, end in self.edges)


def _line(places: Mapping[str, tuple[int, int]], edge: tuple[str, str]) -> str:
    if edge[0] not in places or edge[1] not in places:
        return ""
    (from_x, from_y), (to_x, to_y) = places[edge[0]], places[edge[1]]
    start, end = from_x + _WIDTH, to_x
    middle, half = (start + end) / 2, _HEIGHT / 2
    path = f"M{start},{from_y + half}C{middle},{from_y + half},{middle},{to_y + half},{end},{to_y + half}"
    return f'<path d="{path}" fill="none" stroke="#8c959f"/>'


def _box(place: tuple[int, int], node: LineageNode) -> str:
    x, y = place
    label = node.ref if len(node.ref) <= 28 else f"{node.ref[:27]}…"
    stroke = "#cf222e" if node.status == "FAILED" else "#8c959f"
    kind = node.kind.lower().replace("_", " ")
    return (
        f"<g><title>{escape(f'{kind} {node.ref}: {node.status.lower()}')}</title>"
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6" '
        f'fill="{_FILLS.get(node.kind, "#ffffff")}" stroke="{stroke}"/>'
        f'<text x="{x + 8}" y="{y + 16}" fill="#57606a" font-size="10">{escape(kind)}</text>'
        f'<text x="{x + 8}" y="{y + 31}" fill="#1f2328">{escape(label)}</text></g>'
    )
