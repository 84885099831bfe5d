import { Handle, type NodeProps, Position } from '@xyflow/react';
import { type DrawnNode, lookOf } from './lineage-nodes.ts';
import type { Mark } from './marks.ts';

const looks: Readonly<Record<Mark, string>> = {
  chosen: 'border-accent bg-accent-ground font-medium',
  upstream: 'border-line',
  downstream: 'border-line',
  path: 'border-accent',
  broken: 'border-bad bg-bad-ground text-bad',
  aside: 'border-line opacity-60',
};

/** One resource in the picture. */
export function LineageNodeView({ data: { of, mark } }: NodeProps<DrawnNode>) {
  const { icon: Icon, one } = lookOf(of);
  const [within, feature] = of.ref.split(':');
  return (
    <div
      title={`${one} ${of.ref}`}
      className={`flex h-11 w-[210px] items-center gap-2 rounded-md border bg-panel px-2.5 text-ink text-xs ${looks[mark]}`}
    >
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <Icon size={14} aria-hidden className="shrink-0 text-soft" />
      <span className="min-w-0">
        <span className="block truncate">{feature ?? of.ref}</span>
        <span className={`block truncate text-[0.625rem] ${of.status === 'FAILED' ? 'text-bad' : 'text-soft'}`}>
          {feature === undefined ? one : `${one} of ${within}`}
          {of.status === 'FAILED' && ', failed'}
        </span>
      </span>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
}
