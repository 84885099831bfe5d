import dagre from '@dagrejs/dagre';
import { flightsDefinitions } from '../../examples/flights/definitions.ts';
import { embeddedStores } from '../../examples/flights/stores.ts';
import { definitionFrom } from '../../resolvers/registration.ts';
import { readDrafts } from '../../src/registry/drafts.ts';
import { referencesOf } from '../../src/registry/pinning.ts';
import type { ResourceKind } from '../../src/registry/reference.ts';
import { doneAtOnce } from '../../src/turns.ts';

/** What is drawn of each kind, and in which colour. Features are counted in their view; what serves is left out. */
const colours: Partial<Record<ResourceKind, string>> = {
  SOURCE: '#0f766e',
  ENTITY: '#7c3aed',
  FEATURE_VIEW: '#1d4ed8',
  LABEL: '#b45309',
  TRAINING_SET: '#be123c',
  FEATURE_SERVICE: '#0369a1',
  MODEL: '#334155',
};
const [lineHeight, margin] = [16, 16];

type Point = { x: number; y: number };
type Box = { label: string[]; colour: string; width: number; height: number };
type Ends = { v: string; w: string };
/** What is used of dagre's graph, whose own types a module of Node can't resolve. */
type Graph = {
  graph(): { width: number; height: number };
  nodes(): string[];
  node(name: string): Box & Point;
  edges(): Ends[];
  edge(ends: Ends): { points: Point[] };
  setNode(name: string, box: Box): void;
  setEdge(from: string, to: string, edge: object): void;
  hasNode(name: string): boolean;
};

/** The graph of the flights example as an SVG: what is made of what, from the rows on the left to the model on the right. */
export function flightsGraph(): string {
  const graph = laidOut();
  const lines = graph.edges().map((ends) => graph.edge(ends).points);
  // A line may bend outside of what the boxes fill.
  const rows = lines.flat().map(({ y }) => y);
  const { width, height } = graph.graph();
  const [top, bottom] = [Math.min(0, ...rows) - margin, Math.max(height, ...rows) + margin];
  const frame = `0 ${Math.floor(top)} ${Math.ceil(width)} ${Math.ceil(bottom - top)}`.split(' ');
  const [left, above, wide, high] = frame;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${frame.join(' ')}" font-family="system-ui, sans-serif" font-size="12">`,
    '<title>The graph of the flights example, from its sources to its model</title>',
    `<rect x="${left}" y="${above}" width="${wide}" height="${high}" fill="#ffffff" rx="8"/>`,
    ...lines.map(line),
    ...graph.nodes().map((name) => box(graph.node(name))),
    '</svg>',
  ].join('\n')}\n`;
}

function laidOut(): Graph {
  const spacing = { rankdir: 'LR', ranksep: 60, nodesep: 14, marginx: margin, marginy: margin };
  const graph: Graph = new dagre.graphlib.Graph().setGraph(spacing);
  const drafts = doneAtOnce(readDrafts(flightsDefinitions(embeddedStores).map(definitionFrom), []));
  const drawn = drafts.flatMap(({ definition }) => {
    const colour = colours[definition.kind];
    return colour === undefined ? [] : [{ definition, colour }];
  });
  for (const { definition, colour } of drawn) {
    const features = 'features' in definition ? [`${definition.features.length} features`] : [];
    const kind = definition.kind.toLowerCase().replace('_', ' ');
    const label = [definition.name, [kind, ...features].join(', ')];
    const width = 24 + 6.6 * Math.max(...label.map(({ length }) => length));
    graph.setNode(`${definition.kind} ${definition.name}`, { label, colour, width, height: 44 });
  }
  for (const { definition } of drawn)
    for (const { kind, reference } of referencesOf(definition)) {
      const from =
        kind === 'FEATURE' ? `FEATURE_VIEW ${reference.replace(/(@[^:]*)?:.*/, '')}` : `${kind} ${reference}`;
      if (graph.hasNode(from)) graph.setEdge(from, `${definition.kind} ${definition.name}`, {});
    }
  dagre.layout(graph);
  return graph;
}

function line(points: readonly Point[]): string {
  const path = points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join(' ');
  return `<path d="${path}" fill="none" stroke="#94a3b8" stroke-width="1.2" stroke-linejoin="round"/>`;
}

function box({ x, y, width, height, label, colour }: Box & Point): string {
  const texts = label.map((text, at) => {
    const weight = at === 0 ? ' font-weight="600"' : ' fill-opacity="0.85"';
    return `<text x="${x.toFixed(1)}" y="${(y - 3 + lineHeight * at).toFixed(1)}"${weight}>${text}</text>`;
  });
  const place = `x="${(x - width / 2).toFixed(1)}" y="${(y - height / 2).toFixed(1)}" width="${width.toFixed(1)}" height="${height}"`;
  return `<rect ${place} rx="6" fill="${colour}"/><g fill="#ffffff" text-anchor="middle">${texts.join('')}</g>`;
}
