import type { JsonValue, Lineage } from '@featuregraph/client';

/** Rows under a header, each column as wide as its widest cell, numbers to the right. */
export function textTable(header: readonly string[], rows: readonly (readonly JsonValue[])[]): string {
  const cells = rows.map((row) => row.map(cell));
  const widths = header.map((title, at) => Math.max(title.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (texts: readonly string[], right: (at: number) => boolean) =>
    texts
      .map((text, at) => (right(at) ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  const isNumber = (row: readonly JsonValue[]) => (at: number) => typeof row[at] === 'number';
  const first = rows[0] ?? [];
  const titles = line(header, isNumber(first));
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [titles, rule, ...cells.map((row, at) => line(row, isNumber(rows[at] ?? [])))]
    .map((text) => `  ${text}`)
    .join('\n');
}

function cell(value: JsonValue): string {
  if (value === null) return '·';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(2);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What a resource was built on, as a tree; what was shown before is only named again. */
export function lineageTree({ nodes, edges }: Lineage, root: string): string {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const upstream = Map.groupBy(edges, (edge) => edge.to.id);
  const shown = new Set<string>();
  const lines: string[] = [];
  const walk = (id: string, indent: string, last: boolean, top: boolean): void => {
    const node = byId.get(id);
    if (node === undefined) return;
    const sources = (upstream.get(id) ?? [])
      .map((edge) => edge.from.id)
      .filter((from) => byId.get(from)?.kind !== 'PROVIDER');
    const again = shown.has(id) && sources.length > 0;
    shown.add(id);
    lines.push(
      `  ${indent}${top ? '' : last ? '└─ ' : '├─ '}${node.kind.toLowerCase().replaceAll('_', ' ')} ${node.ref.replace('@v1', '')}${again ? ' …' : ''}`,
    );
    if (again) return;
    const next = indent + (top ? '' : last ? '   ' : '│  ');
    for (const [at, from] of sources.entries()) walk(from, next, at === sources.length - 1, false);
  };
  const start = nodes.find((node) => node.ref === root);
  if (start !== undefined) walk(start.id, '', true, true);
  return lines.join('\n');
}
