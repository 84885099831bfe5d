import { useMemo } from 'react';
import { useQuery } from 'urql';
import { LeakSubject } from '../generated/operations.ts';
import { Answered } from '../parts/answered.tsx';
import type { Column } from '../parts/column.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Empty, Loading } from '../parts/empty.tsx';
import { Failure } from '../parts/failure.tsx';
import { Section } from '../parts/page.tsx';
import { ResourceLink } from '../parts/resource-link.tsx';
import { Status } from '../parts/status.tsx';
import { countText } from '../parts/value.tsx';
import { type Checked, leakChecks, type Rows, type Subject } from './leak-checks.ts';
import { useFirstRows } from './use-first-rows.ts';

const rowsRead = 5_000;

/** Features whose values know the label: by what they are computed from, and by what their values say. */
export function LeakCheck({ reference }: { reference: string }) {
  const [subject] = useQuery({ query: LeakSubject, variables: { ref: reference } });
  const { rows, error, isWhole } = useFirstRows(reference, rowsRead);
  return (
    <Answered of={subject}>
      {({ trainingSet }) => {
        if (error) return <Failure error={error} />;
        if (!isWhole) return <Loading what={`Reading rows: ${countText(rows?.edges.length ?? 0)}`} />;
        if (rows === undefined || trainingSet === null) return <Empty title="It was not built yet" />;
        return <Found subject={trainingSet} rows={rows} />;
      }}
    </Answered>
  );
}

const columns: readonly Column<Checked>[] = [
  { id: 'name', head: 'Column', cell: ({ name }) => <code className="text-xs">{name}</code>, sort: ({ name }) => name },
  { id: 'feature', head: 'Feature', cell: ({ ref }) => <ResourceLink kind="FEATURE" reference={ref} /> },
  {
    id: 'verdict',
    head: 'Verdict',
    cell: ({ verdict }) =>
      verdict === undefined ? <span className="text-soft">can&apos;t be told</span> : <Status of={verdict} />,
    sort: ({ verdict }) => verdict,
  },
  {
    id: 'knows',
    head: 'Knows of the label',
    cell: ({ knows }) => <Share of={knows} />,
    sort: ({ knows }) => knows,
  },
  { id: 'why', head: 'Why', cell: ({ why }) => why && <span className="block min-w-56 whitespace-normal">{why}</span> },
];

function Found({ subject, rows }: { subject: Subject; rows: Rows }) {
  const checked = useMemo(() => leakChecks(subject, rows), [subject, rows]);
  const leaks = checked.filter(({ verdict }) => verdict === 'LEAKS').length;
  const suspicious = checked.filter(({ verdict }) => verdict === 'SUSPICIOUS').length;
  return (
    <Section title="What knows the label">
      <p
        role="status"
        className={`panel p-3 ${leaks > 0 ? 'border-bad text-bad' : suspicious > 0 ? 'text-warn' : 'text-good'}`}
      >
        {leaks > 0
          ? `${leaks} of ${checked.length} features know the label: a model that learns from them learns nothing else.`
          : suspicious > 0
            ? `${suspicious} of ${checked.length} features know more of the label than is usual: look at how they are made.`
            : 'No feature knows the label by itself.'}
      </p>
      <DataTable label="What knows the label" columns={columns} rows={checked} rowKey={({ name }) => name} />
      <p className="max-w-prose text-soft text-xs">
        Of the first {countText(rows.edges.length)} of {countText(rows.totalCount)} rows. How much a feature alone tells
        of the label goes from 0, as much as chance, to 100 %, all of it: Gini&apos;s coefficient for truths and
        classes, the rank correlation for numbers. A feature that is computed from the label&apos;s own column leaks
        whatever its values say.
      </p>
    </Section>
  );
}

function Share({ of }: { of: number | undefined }) {
  if (of === undefined) return <span className="text-soft">–</span>;
  return (
    <span className="flex items-center gap-2 tabular-nums">
      <meter aria-label="Share of the label" className="h-2 w-24" min={0} max={1} value={of} />
      {(of * 100).toFixed(0)} %
    </span>
  );
}
