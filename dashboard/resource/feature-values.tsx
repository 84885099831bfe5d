import { useMemo } from 'react';
import { useQuery } from 'urql';
import { type JsonValue, OnlineNow, ServedKeys } from '../generated/operations.ts';
import { Answered } from '../parts/answered.tsx';
import type { Column } from '../parts/column.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { Age, EventAge } from '../parts/moment.tsx';
import { Facts, Section } from '../parts/page.tsx';
import { Status, words } from '../parts/status.tsx';
import { Value } from '../parts/value.tsx';
import { type Keys, sampleOf } from './sample-keys.ts';

type Row = { key: string; value: JsonValue | undefined; status: string; at: string | null };

const columnsOf = (type: string): Column<Row>[] => [
  { id: 'key', head: 'Key', cell: ({ key }) => <code className="text-xs">{key}</code>, sort: ({ key }) => key },
  {
    id: 'value',
    head: 'Value',
    cell: ({ value }) => <Value of={value} type={type} />,
    sort: ({ value }) => sortable(value),
  },
  { id: 'status', head: 'Status', cell: ({ status }) => <Status of={status} />, sort: ({ status }) => status },
  { id: 'at', head: 'Event', cell: ({ at }) => <EventAge at={at} />, sort: ({ at }) => at },
];

/** What is served of a feature now, for keys that the first rows of its source have. */
export function FeatureValues({ reference, type, view }: { reference: string; type: string; view: string }) {
  const [answer] = useQuery({ query: ServedKeys, variables: { ids: [view] } });
  return (
    <Answered of={answer}>
      {({ nodes: [read] }) => {
        const keys = read?.__typename === 'FeatureView' ? sampleOf(read) : [];
        return keys.length === 0 ? (
          <Empty title="Its source shows no keys">Type one in the entity explorer.</Empty>
        ) : (
          <Served reference={reference} type={type} keys={keys} />
        );
      }}
    </Answered>
  );
}

function Served({ reference, type, keys }: { reference: string; type: string; keys: readonly Keys[] }) {
  const columns = useMemo(() => columnsOf(type), [type]);
  const names = Object.keys(keys[0] ?? {});
  const columnar = names.map((joinKey) => ({ joinKey, values: keys.map((key) => key[joinKey] ?? null) }));
  const variables = { select: { features: [{ feature: reference }] }, keys: columnar };
  const [answer] = useQuery({ query: OnlineNow, variables });
  return (
    <Answered of={answer}>
      {({ onlineFeatures }) => {
        const [column] = onlineFeatures.columns;
        const rows = keys.map((key, at) => ({
          key: Object.values(key).join(', '),
          value: column?.values[at],
          status: column?.statuses[at] ?? 'NOT_FOUND',
          at: column?.eventTimestamps[at] ?? null,
        }));
        return (
          <Section title={`Served now, for ${rows.length === 1 ? 'one key' : `${rows.length} keys`} of its source`}>
            <Facts of={summary(rows)} />
            <DataTable label="Values now" columns={columns} rows={rows} rowKey={({ key }) => key} />
          </Section>
        );
      }}
    </Answered>
  );
}

function summary(rows: readonly Row[]): (readonly [string, React.ReactNode])[] {
  const counts = [...Map.groupBy(rows, ({ status }) => status)].map(([status, of]) => `${words(status)} ${of.length}`);
  const times = rows.flatMap(({ at }) => at ?? []).toSorted();
  return [
    ['Of these', counts.join(', ')],
    ['Newest event', <Age key="newest" at={times.at(-1)} />],
    ['Oldest event', <Age key="oldest" at={times[0]} />],
  ];
}

function sortable(value: JsonValue | undefined): string | number | boolean | undefined {
  return typeof value === 'object' ? undefined : value;
}
