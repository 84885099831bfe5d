import type { Column } from '../parts/column.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import type { Difference } from './definition-difference.ts';

/** What stood in a definition before, and what does after, field by field. */
export function DifferenceTable({
  before,
  after,
  changes,
}: {
  before: string;
  after: string;
  changes: readonly Difference[];
}) {
  if (changes.length === 0) return <Empty title="They say the same" />;
  const columns: Column<Difference>[] = [
    { id: 'path', head: 'Field', cell: ({ path }) => <code className="text-xs">{path}</code> },
    { id: 'before', head: before, cell: (change) => <Side text={change.before} sign="−" classes="text-bad" /> },
    { id: 'after', head: after, cell: (change) => <Side text={change.after} sign="+" classes="text-good" /> },
  ];
  return (
    <DataTable label={`From ${before} to ${after}`} columns={columns} rows={changes} rowKey={({ path }) => path} />
  );
}

function Side({ text, sign, classes }: { text: string | undefined; sign: string; classes: string }) {
  if (text === undefined) return <span className="text-soft">not there</span>;
  return (
    <code className={`whitespace-pre-wrap break-all text-xs ${classes}`}>
      {sign} {text}
    </code>
  );
}
