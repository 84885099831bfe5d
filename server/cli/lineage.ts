import type { Lineage } from '@featuregraph/client';
import type { Command } from 'commander';
import { type Connected, connected, withClient } from './connection.ts';
import { inWords, kindFrom, print, printJson } from './output.ts';

type LineageOptions = Connected & { down?: boolean; depth?: string };

export function addLineage(program: Command): void {
  const command = program
    .command('lineage')
    .description('Shows what a resource was built on, as a tree.')
    .argument('<kind>', 'as feature-view')
    .argument('<ref>', 'name for the latest variant, or name@variant')
    .option('--down', 'what is built on it instead')
    .option('--depth <steps>', 'how many steps away');
  connected(command).action(async (kind: string, ref: string, options: LineageOptions) => {
    const direction = options.down ? 'DOWNSTREAM' : 'UPSTREAM';
    const asked = { direction, ...(options.depth !== undefined && { depth: Number(options.depth) }) } as const;
    const lineage = await withClient(options, (client) => client.lineage(kindFrom(kind), ref, asked));
    if (options.json) printJson(lineage);
    else print(lineageTree(lineage, direction));
  });
}

/** The nearest node is the one that was asked of. What was shown before is only named again. */
function lineageTree({ nodes, edges }: Lineage, direction: 'UPSTREAM' | 'DOWNSTREAM'): string {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const [near, far] = direction === 'UPSTREAM' ? (['to', 'from'] as const) : (['from', 'to'] as const);
  const next = Map.groupBy(edges, (edge) => edge[near].id);
  const shown = new Set<string>();
  const lines: string[] = [];
  const walk = (id: string, own: string, below: string): void => {
    const node = byId.get(id);
    if (node === undefined) return;
    const further = (next.get(id) ?? []).map((edge) => edge[far].id);
    const again = shown.has(id) && further.length > 0;
    shown.add(id);
    lines.push(`${own}${inWords(node.kind)} ${node.ref}${again ? ' …' : ''}`);
    if (again) return;
    for (const [at, one] of further.entries()) {
      const isLast = at === further.length - 1;
      walk(one, `${below}${isLast ? '└─ ' : '├─ '}`, `${below}${isLast ? '   ' : '│  '}`);
    }
  };
  const [start] = nodes;
  if (start !== undefined) walk(start.id, '', '');
  return lines.join('\n');
}
