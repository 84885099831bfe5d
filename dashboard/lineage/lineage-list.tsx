import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { words } from '../parts/status.tsx';
import { type LineageNode, lookOf } from './lineage-nodes.ts';
import type { Marks } from './marks.ts';

type Props = {
  nodes: readonly LineageNode[];
  marks: Marks;
  chosen: LineageNode | undefined;
  onChoice: (node: LineageNode) => void;
};

/** The same as the picture, for who reads or listens: what is highlighted first, the nearest first. */
export function LineageList({ nodes, marks, chosen, onChoice }: Props) {
  const [text, setText] = useState('');
  const place = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => {
    const found = nodes.filter(({ ref }) => ref.toLowerCase().includes(text.toLowerCase()));
    const rank = ({ id }: LineageNode) => (marks.of.has(id) ? (marks.steps.get(id) ?? 1e6) : 1e6);
    return found.toSorted((a, b) => rank(a) - rank(b));
  }, [nodes, marks, text]);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => place.current,
    estimateSize: () => 40,
    overscan: 10,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is chosen or found stands first.
  useEffect(() => {
    if (place.current) place.current.scrollTop = 0;
  }, [shown]);
  return (
    <div className="flex min-w-0 flex-col gap-2 max-xl:order-first">
      <input
        type="search"
        aria-label="Find in this lineage"
        placeholder="Find in this lineage"
        className="field"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <div ref={place} className="panel h-72 overflow-auto xl:h-[32rem]">
        <ul aria-label="Lineage as a list" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const node = shown[index];
            if (node === undefined) return null;
            const { icon: Icon, one } = lookOf(node);
            const mark = marks.of.get(node.id);
            return (
              <li key={node.id} className="absolute inset-x-0 h-10" style={{ top: start }}>
                <button
                  type="button"
                  aria-current={node.id === chosen?.id}
                  className="flex h-full w-full items-center gap-2 px-3 text-left hover:bg-raised aria-[current=true]:bg-accent-ground"
                  onClick={() => onChoice(node)}
                >
                  <Icon size={14} aria-hidden className="shrink-0 text-soft" />
                  <span className="sr-only">{one}</span>
                  <span className="min-w-0 grow truncate">{node.ref}</span>
                  {mark && (
                    <span className={`shrink-0 text-xs ${mark === 'broken' ? 'text-bad' : 'text-soft'}`}>
                      {mark === 'broken' ? 'would break' : words(mark)}
                    </span>
                  )}
                </button>
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}
