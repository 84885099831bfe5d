import { useQuery } from 'urql';
import { ColumnOrigins } from '../generated/operations.ts';
import { Button } from '../parts/button.tsx';
import { ResourceLink } from '../parts/resource-link.tsx';
import { Status } from '../parts/status.tsx';
import type { LineageNode } from './lineage-nodes.ts';
import type { LineageSearch } from './lineage-search.ts';
import type { Marks } from './marks.ts';

type Props = {
  node: LineageNode;
  to: LineageNode | undefined;
  nodes: readonly LineageNode[];
  marks: Marks;
  search: LineageSearch;
  onChoice: (part: Partial<Record<keyof LineageSearch, string>>) => void;
};

/** What is chosen: the columns that it comes from, what its deletion would break, the path to another. */
export function ChosenNode({ node, to, nodes, marks, search, onChoice }: Props) {
  const isDeletion = search.show === 'deletion';
  return (
    <div className="panel flex flex-wrap items-center gap-x-4 gap-y-2 p-3">
      {node.kind === 'COLUMN' ? (
        <span>
          Column <code className="break-all text-xs">{node.column}</code> of{' '}
          <ResourceLink kind="SOURCE" reference={node.source} />
        </span>
      ) : (
        <>
          <ResourceLink kind={node.kind} reference={node.ref} />
          <Status of={node.status} />
        </>
      )}
      <Button
        look={isDeletion ? 'danger' : 'plain'}
        aria-pressed={isDeletion}
        onClick={() => onChoice({ show: isDeletion ? '' : 'deletion', to: '' })}
      >
        What breaks without it
      </Button>
      {isDeletion && (
        <span role="status" className={marks.broken > 0 ? 'text-bad' : 'text-good'}>
          {marks.broken > 0
            ? `${marks.broken} of what is shown would be left without their ground`
            : 'Nothing that is shown'}
        </span>
      )}
      <label className="flex min-w-0 items-center gap-1.5">
        <span className="whitespace-nowrap text-soft">Path to</span>
        <select
          className="field w-auto max-w-60"
          value={to ? to.ref + to.kind : ''}
          onChange={({ target }) => onChoice({ to: target.value, show: '' })}
        >
          <option value="">nothing in particular</option>
          {nodes
            .filter(({ id }) => marks.steps.has(id) && id !== node.id)
            .slice(0, 300)
            .map((one) => (
              <option key={one.id} value={one.ref + one.kind}>
                {one.ref}
              </option>
            ))}
        </select>
      </label>
      {node.kind === 'FEATURE' && <Columns id={node.id} />}
    </div>
  );
}

/** The columns of files and tables that a feature is computed from, as far as its SQL tells. */
function Columns({ id }: { id: string }) {
  const [{ data }] = useQuery({ query: ColumnOrigins, variables: { ids: [id] } });
  const [node] = data?.nodes ?? [];
  if (node?.__typename !== 'Feature') return null;
  const { origins } = node;
  if (origins === null)
    return <span className="basis-full text-soft">Its SQL does not tell which columns it comes from.</span>;
  return (
    <span className="flex min-w-0 basis-full flex-wrap gap-x-2 text-soft">
      Computed from{' '}
      {origins.map(({ column, source }) => (
        <code key={`${source.id} ${column}`} className="break-all text-ink text-xs leading-5">
          {source.ref}.{column}
        </code>
      ))}
    </span>
  );
}
