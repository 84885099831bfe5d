import { Link } from '@tanstack/react-router';
import type { JobHeadFragment } from '../generated/operations.ts';
import type { Column } from '../parts/column.ts';
import { DataTable } from '../parts/data-table.tsx';
import { durationText, Moment, useNow } from '../parts/moment.tsx';
import { Status, words } from '../parts/status.tsx';
import { JobProgress } from './job-progress.tsx';

const columns: readonly Column<JobHeadFragment>[] = [
  {
    id: 'job',
    head: 'Job',
    cell: ({ id, kind, ref, name }) => (
      <Link to="/jobs/$id" params={{ id }} className="link">
        {words(kind)} {ref ?? name ?? ''}
      </Link>
    ),
    sort: ({ kind, ref }) => `${kind} ${ref}`,
  },
  {
    id: 'state',
    head: 'State',
    cell: ({ state, error, reason }) => <Status of={state} title={error?.message ?? reason} />,
    sort: ({ state }) => state,
  },
  { id: 'progress', head: 'Progress', cell: (job) => <JobProgress {...job} />, sort: ({ rowsDone }) => rowsDone },
  { id: 'took', head: 'Took', cell: (job) => <Took {...job} />, sort: took },
  { id: 'by', head: 'Started by', cell: ({ startedBy }) => startedBy, sort: ({ startedBy }) => startedBy },
  {
    id: 'created',
    head: 'Asked for',
    cell: ({ createdAt }) => <Moment at={createdAt} />,
    sort: ({ createdAt }) => createdAt,
  },
];

export function JobsTable({ jobs, label = 'Jobs' }: { jobs: readonly JobHeadFragment[]; label?: string }) {
  return <DataTable label={label} columns={columns} rows={jobs} rowKey={({ id }) => id} />;
}

type Times = Pick<JobHeadFragment, 'startedAt' | 'finishedAt'>;

function took({ startedAt, finishedAt }: Times): number | undefined {
  return startedAt && finishedAt ? Date.parse(finishedAt) - Date.parse(startedAt) : undefined;
}

/** How long a job took, or has run by now. */
export function Took({ startedAt, finishedAt }: Times) {
  const now = useNow(1_000);
  if (!startedAt) return <span className="text-soft">not started</span>;
  return <span className="tabular-nums">{durationText(startedAt, finishedAt ?? now)}</span>;
}
