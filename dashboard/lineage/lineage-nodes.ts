import type { Node } from '@xyflow/react';
import { Columns2 } from 'lucide-react';
import type { LineageQuery } from '../generated/operations.ts';
import { kindOf } from '../graph/kinds.ts';
import type { Mark } from './marks.ts';

type ResourceNode = NonNullable<LineageQuery['resource']>['lineage']['nodes'][number];

/** A column of a source, from which features come: no resource, but drawn as one. */
export type ColumnNode = { kind: 'COLUMN'; id: string; ref: string; status: 'READY'; source: string; column: string };

export type LineageNode = ResourceNode | ColumnNode;

/** As the picture draws it. */
export type DrawnNode = Node<{ of: LineageNode; mark: Mark }, 'resource'>;

/** What a node is called, and its sign. */
export function lookOf({ kind }: LineageNode) {
  return kind === 'COLUMN' ? { one: 'column', icon: Columns2 } : kindOf(kind);
}
