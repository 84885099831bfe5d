import type { JsonValue } from '../generated/operations.ts';
import type { Column } from '../parts/column.ts';
import { DataTable } from '../parts/data-table.tsx';
import { EventAge } from '../parts/moment.tsx';
import { ResourceLink } from '../parts/resource-link.tsx';
import { Status } from '../parts/status.tsx';
import { Value } from '../parts/value.tsx';

export type FeatureValue = {
  ref: string;
  type: string;
  value: JsonValue | undefined;
  status?: string;
  at?: string | undefined;
};

const name: Column<FeatureValue> = {
  id: 'feature',
  head: 'Feature',
  cell: ({ ref }) => <ResourceLink kind="FEATURE" reference={ref} />,
  sort: ({ ref }) => ref,
};
const value: Column<FeatureValue> = {
  id: 'value',
  head: 'Value',
  cell: (one) => <Value of={one.value} type={one.type} />,
  isRest: true,
};
const type: Column<FeatureValue> = {
  id: 'type',
  head: 'Type',
  cell: (one) => <code className="text-xs">{one.type}</code>,
};
const served: readonly Column<FeatureValue>[] = [
  { id: 'status', head: 'Status', cell: ({ status }) => <Status of={status ?? ''} />, sort: ({ status }) => status },
  { id: 'age', head: 'Event', cell: ({ at }) => <EventAge at={at} />, sort: ({ at }) => at },
];

/** Values of one, a feature a row. */
export function ValuesTable({ label, values }: { label: string; values: readonly FeatureValue[] }) {
  const columns = values.some(({ status }) => status) ? nowColumns : thenColumns;
  return <DataTable label={label} columns={columns} rows={values} rowKey={({ ref }) => ref} />;
}

const nowColumns = [name, value, ...served, type];
const thenColumns = [name, value, type];
