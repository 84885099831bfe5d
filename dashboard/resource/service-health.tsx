import { useQuery } from 'urql';
import { ServiceHealth as ServiceHealthDocument, type ServiceHealthQuery } from '../generated/operations.ts';
import { Answered } from '../parts/answered.tsx';
import type { Column } from '../parts/column.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Age } from '../parts/moment.tsx';
import { Section } from '../parts/page.tsx';
import { ResourceLink } from '../parts/resource-link.tsx';
import { Status } from '../parts/status.tsx';

type Selected = NonNullable<ServiceHealthQuery['featureService']>['selected'][number];

const columns: readonly Column<Selected>[] = [
  {
    id: 'name',
    head: 'As the model reads it',
    cell: ({ name }) => <code className="text-xs">{name}</code>,
    sort: ({ name }) => name,
  },
  {
    id: 'feature',
    head: 'Feature',
    cell: ({ feature }) => <ResourceLink kind="FEATURE" reference={feature.ref} />,
    sort: ({ feature }) => feature.ref,
  },
  { id: 'type', head: 'Type', cell: ({ feature }) => <code className="text-xs">{feature.type}</code> },
  { id: 'role', head: 'Role', cell: ({ role }) => role },
  { id: 'health', head: 'Health', cell: (one) => <Health of={one} />, sort: (one) => healthOf(one)[0] },
  {
    id: 'event',
    head: 'Newest event',
    cell: ({ feature: { view } }) =>
      view === null ? 'when asked for' : <Age at={view.materializations[0]?.watermark} />,
    sort: ({ feature }) => feature.view?.materializations[0]?.watermark,
  },
  {
    id: 'written',
    head: 'Written',
    cell: ({ feature: { view } }) => (view === null ? 'never' : <Age at={view.materializations[0]?.writtenAt} />),
  },
  { id: 'ttl', head: 'TTL', cell: ({ feature }) => feature.view?.ttl ?? <span className="text-soft">none</span> },
];

/** What a model is promised, and whether it is kept: each feature's state, and how old what is served is. */
export function ServiceHealth({ reference }: { reference: string }) {
  const [answer] = useQuery({ query: ServiceHealthDocument, variables: { ref: reference } });
  return (
    <Section title={`The contract of ${reference}`}>
      <Answered of={answer}>
        {({ featureService }) => (
          <DataTable
            label={`Features of ${reference}`}
            columns={columns}
            rows={featureService?.selected ?? []}
            rowKey={({ name }) => name}
          />
        )}
      </Answered>
    </Section>
  );
}

function Health({ of }: { of: Selected }) {
  const [state, why] = healthOf(of);
  return (
    <span className="flex max-w-52 flex-col items-start gap-1">
      <Status of={state} title={why} />
      {state !== 'HEALTHY' && <span className="whitespace-normal text-soft text-xs">{why}</span>}
    </span>
  );
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** A duration as 90s, 6h or 7d, in seconds. */
function secondsOf(duration: string): number {
  const [, count = '', unit = ''] = /^(\d+)([smhdw])$/.exec(duration) ?? [];
  return count === '' ? Number.POSITIVE_INFINITY : Number(count) * (units[unit] ?? 1);
}

function healthOf({ feature: { view, deprecated } }: Selected): readonly [string, string] {
  if (view === null) return ['HEALTHY', 'computed when it is asked for'];
  const [latest] = view.materializations;
  if (view.status === 'FAILED') return ['FAILED', view.statusMessage ?? 'its last job failed'];
  if (view.onlineStore === null) return ['UNHEALTHY', 'its view is not served'];
  if (latest === undefined) return ['PENDING', 'nothing was written yet'];
  const age = latest.watermark ? (Date.now() - Date.parse(latest.watermark)) / 1_000 : 0;
  if (view.ttl && age > secondsOf(view.ttl)) return ['OUTSIDE_TTL', 'even its newest event is older than its TTL'];
  if (deprecated) return ['SUSPICIOUS', `deprecated: ${deprecated}`];
  return ['HEALTHY', 'its last job succeeded'];
}
