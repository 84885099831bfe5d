import type { ResourceListQuery } from '../generated/operations.ts';
import { type Kind, kindOf } from '../graph/kinds.ts';
import type { Column } from '../parts/column.ts';
import { Age } from '../parts/moment.tsx';
import { ResourceLink } from '../parts/resource-link.tsx';
import { Status, words } from '../parts/status.tsx';
import { Tags } from '../parts/tags.tsx';

export type Listed = ResourceListQuery['resources']['edges'][number]['node'];

/** Of when the data is that a resource holds: the newest event of a view, and so of its features, the latest run of a training set. */
export function dataTime(row: Listed): string | undefined {
  const view = 'materializations' in row ? row : 'view' in row ? row.view : null;
  if (view !== null) return view.materializations[0]?.watermark ?? view.materializations[0]?.writtenAt;
  if ('latestRun' in row) return row.latestRun?.createdAt;
  return undefined;
}

/** What there is to say of one kind alone. */
function particularOf(row: Listed): string {
  if ('type' in row) return row.type;
  if ('sourceKind' in row) return words(row.sourceKind);
  if ('product' in row) return row.product;
  if ('ttl' in row) return row.ttl ?? '';
  return '';
}

/** Kinds of which there is data, with an age. */
export const hasData: readonly string[] = ['FEATURE_VIEW', 'FEATURE', 'TRAINING_SET'];
const particular: Readonly<Record<string, string>> = {
  FEATURE: 'Type',
  SOURCE: 'Of',
  PROVIDER: 'Product',
  FEATURE_VIEW: 'TTL',
};

/** What a list of a kind shows; of all kinds, what all have. */
export function listColumns(kind: Kind | undefined): Column<Listed>[] {
  const columns: Column<Listed>[] = [
    {
      id: 'name',
      head: 'Name',
      cell: ({ kind: of, ref, deprecated }) => (
        <span className="flex items-center gap-2">
          <ResourceLink kind={of} reference={ref} />
          {deprecated && (
            <span className="rounded bg-warn-ground px-1.5 text-warn text-xs" title={deprecated}>
              deprecated
            </span>
          )}
        </span>
      ),
      sort: ({ ref }) => ref,
    },
    {
      id: 'status',
      head: 'Status',
      cell: (row) => <Status of={row.status} title={row.statusMessage} />,
      sort: (row) => row.status,
    },
  ];
  if (kind === undefined)
    columns.push({ id: 'kind', head: 'Kind', cell: (row) => kindOf(row.kind).one, sort: (row) => row.kind });
  const head = kind && particular[kind.kind];
  if (head)
    columns.push({
      id: 'particular',
      head,
      cell: (row) => <code className="text-xs">{particularOf(row)}</code>,
      sort: particularOf,
    });
  if (kind && hasData.includes(kind.kind))
    columns.push({ id: 'data', head: 'Newest data', cell: (row) => <Age at={dataTime(row)} />, sort: dataTime });
  columns.push(
    {
      id: 'owner',
      head: 'Owner',
      cell: ({ owner }) => owner ?? <span className="text-soft">none</span>,
      sort: ({ owner }) => owner,
    },
    { id: 'tags', head: 'Tags', cell: ({ tags }) => <Tags tags={tags} /> },
    {
      id: 'description',
      head: 'Description',
      cell: ({ description }) => <span title={description}>{description}</span>,
      isRest: true,
    },
    {
      id: 'updated',
      head: 'Updated',
      cell: ({ updatedAt }) => <Age at={updatedAt} />,
      sort: ({ updatedAt }) => updatedAt,
    },
  );
  return columns;
}
