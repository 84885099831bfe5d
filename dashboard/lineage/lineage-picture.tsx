import '@xyflow/react/dist/style.css';
import './lineage.css';
import {
  Background,
  Controls,
  type Edge as DrawnEdge,
  MiniMap,
  type NodeHandle,
  Panel,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react';
import { useEffect, useMemo, useRef } from 'react';
import { Empty, Loading } from '../parts/empty.tsx';
import { nodeSize } from './layout.ts';
import { LineageNodeView } from './lineage-node.tsx';
import type { DrawnNode, LineageNode } from './lineage-nodes.ts';
import type { Marks } from './marks.ts';
import type { Edge } from './reach.ts';
import { firstSight, middleOf, smallest } from './sight.ts';
import { type Layout, useLayout } from './use-layout.ts';

type Props = {
  nodes: readonly LineageNode[];
  edges: readonly Edge[];
  marks: Marks;
  chosen: LineageNode | undefined;
  onChoice: (node: LineageNode) => void;
};

const nodeTypes = { resource: LineageNodeView };

export function LineagePicture({ nodes, edges, ...rest }: Props) {
  const layout = useLayout(nodes, edges);
  return (
    <figure
      aria-label="Lineage as a picture; the list beside it says the same"
      className="panel h-[34.5rem] min-w-0 overflow-hidden"
    >
      {layout === 'FAILED' ? (
        <Empty title="It could not be laid out">The list beside it says the same.</Empty>
      ) : (
        <ReactFlowProvider>
          <Picture {...rest} {...(layout ?? nothingYet)} />
        </ReactFlowProvider>
      )}
    </figure>
  );
}

/** The frame is there before what stands in it: the browser is asked for its size while that takes it no time. */
const nothingYet: Layout = { nodes: [], edges: [], places: new Map() };

/** The picture is drawn of what is in sight only: thousands of nodes stay quick to move. */
function Picture({ nodes, edges, places, marks, chosen, onChoice }: Props & Layout) {
  const flow = useReactFlow();
  const drawn = useMemo(
    () =>
      nodes.map(
        (of): DrawnNode => ({
          id: of.id,
          type: 'resource',
          position: places.get(of.id) ?? { x: 0, y: 0 },
          data: { of, mark: marks.of.get(of.id) ?? 'aside' },
          ...nodeSize,
          handles,
        }),
      ),
    [nodes, places, marks],
  );
  const isMany = edges.length > mostEdges;
  const lines = useMemo(() => {
    const shown = isMany ? edges.filter((edge) => isNear(edge, marks)).slice(0, mostEdges) : edges;
    return shown.map((edge) => lineOf(edge, marks));
  }, [edges, marks, isMany]);
  const frame = useRef<HTMLDivElement>(null);
  const seen = useRef<typeof places>(null);
  useEffect(() => {
    const at = chosen && places.get(chosen.id);
    const { clientWidth: width = 0, clientHeight: height = 0 } = frame.current ?? {};
    const isNew = seen.current !== places;
    seen.current = places;
    const sight = isNew
      ? firstSight(places.values(), at, { width, height })
      : at && { ...middleOf(at), zoom: Math.max(flow.getZoom(), smallest) };
    if (sight) void flow.setCenter(sight.x, sight.y, { zoom: sight.zoom });
  }, [flow, chosen, places]);
  return (
    <ReactFlow
      ref={frame}
      nodes={drawn}
      edges={lines}
      nodeTypes={nodeTypes}
      onNodeClick={(_event, { data }) => onChoice(data.of)}
      onlyRenderVisibleElements={nodes.length > mostWhole}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      minZoom={0.05}
      maxZoom={1.5}
    >
      <Background />
      {nodes.length === 0 && (
        <Panel position="top-left">
          <Loading what="Laying it out" />
        </Panel>
      )}
      {isMany && (
        <Panel position="top-right" className="text-soft text-xs">
          Of {edges.length} edges, those of what is chosen are drawn.
        </Panel>
      )}
      <Controls showInteractive={false} />
      {nodes.length > 30 && nodes.length <= 1_000 && (
        <MiniMap pannable ariaLabel="Where one is in the picture" nodeStrokeWidth={0} />
      )}
    </ReactFlow>
  );
}

/** Where lines begin and end is said: otherwise each node would be drawn once to find that out, all thousands of them. */
const handles: NodeHandle[] = [
  { type: 'target', position: Position.Left, x: 0, y: nodeSize.height / 2, width: 1, height: 1 },
  { type: 'source', position: Position.Right, x: nodeSize.width, y: nodeSize.height / 2, width: 1, height: 1 },
];

/** Of more nodes than this only those in sight are there. */
const mostWhole = 20;

/** Of more edges than this, only those of what is chosen are drawn: thousands of lines say nothing, slowly. */
const mostEdges = 1_000;

function isNear({ from, to }: Edge, { of }: Marks): boolean {
  const ends = [of.get(from), of.get(to)];
  return ends.includes('chosen') || ends.every((mark) => mark === 'path');
}

function lineOf({ from, to }: Edge, { of }: Marks): DrawnEdge {
  const [start, end] = [of.get(from), of.get(to)];
  const isOn = start !== undefined && end !== undefined;
  const isBroken = isOn && end === 'broken';
  return {
    id: `${from} ${to}`,
    source: from,
    target: to,
    className: isBroken ? 'lineage-broken' : isOn ? 'lineage-on' : 'lineage-aside',
  };
}
