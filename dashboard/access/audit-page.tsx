import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useQuery } from 'urql';
import { Audit, type AuditQuery } from '../generated/operations.ts';
import { Answered } from '../parts/answered.tsx';
import { Button } from '../parts/button.tsx';
import { Choice } from '../parts/choice.tsx';
import type { Column } from '../parts/column.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { Moment } from '../parts/moment.tsx';
import { Page } from '../parts/page.tsx';
import { Status } from '../parts/status.tsx';
import { type AuditSearch, outcomes } from './audit-search.ts';

const route = getRouteApi('/audit');
type Entry = AuditQuery['audit']['edges'][number];

const columns: readonly Column<Entry>[] = [
  { id: 'at', head: 'When', cell: ({ node }) => <Moment at={node.at} />, sort: ({ node }) => node.at },
  { id: 'who', head: 'Who', cell: ({ node }) => node.principalName, sort: ({ node }) => node.principalName },
  {
    id: 'action',
    head: 'Did',
    cell: ({ node }) => <code className="text-xs">{node.action}</code>,
    sort: ({ node }) => node.action,
  },
  {
    id: 'outcome',
    head: 'Outcome',
    cell: ({ node }) => <Status of={node.outcome} title={node.code} />,
    sort: ({ node }) => node.outcome,
  },
  { id: 'resource', head: 'To', cell: ({ node }) => node.resource ?? '–', sort: ({ node }) => node.resource },
  { id: 'count', head: 'Times', cell: ({ node }) => node.count, sort: ({ node }) => node.count, isNumber: true },
  { id: 'from', head: 'From', cell: ({ node }) => `${node.address ?? ''} ${node.transport}` },
  { id: 'what', head: 'The difference', cell: ({ node }) => <Details of={node.details} /> },
];

function Details({ of }: { of: unknown }) {
  if (of === null || of === undefined) return <span className="text-soft">–</span>;
  const text = JSON.stringify(of);
  return (
    <code className="text-xs" title={text.slice(0, 2_000)}>
      {text}
    </code>
  );
}

/** Every change and every denial, the newest first. */
export function AuditPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const [first, setFirst] = useState(100);
  const filter = Object.fromEntries(Object.entries(search).filter(([, value]) => value));
  const [answer] = useQuery({ query: Audit, variables: { filter, first, after: null }, requestPolicy: 'network-only' });
  const choose = (part: { [Name in keyof AuditSearch]?: string }) =>
    void navigate({
      to: '/audit',
      search: Object.fromEntries(Object.entries({ ...search, ...part }).filter(([, value]) => value)) as AuditSearch,
      replace: true,
    });
  return (
    <Page
      title="Audit"
      name="Audit"
      about="Every change and every denial: who, what, when and from where. For administrators and operators."
    >
      <div className="flex flex-wrap gap-2">
        {(['principal', 'action', 'resource'] as const).map((name) => (
          <input
            key={name}
            type="search"
            aria-label={`Narrow by ${name}`}
            placeholder={name}
            className="field max-w-48"
            defaultValue={search[name] ?? ''}
            onKeyDown={({ key, currentTarget }) => key === 'Enter' && choose({ [name]: currentTarget.value })}
            onBlur={({ target }) => choose({ [name]: target.value })}
          />
        ))}
        <Choice name="Outcome" value={search.outcome} options={outcomes} onChoice={(outcome) => choose({ outcome })} />
      </div>
      <Answered of={answer}>
        {({ audit }) =>
          audit.edges.length === 0 ? (
            <Empty title="There is no such record" />
          ) : (
            <>
              <DataTable label="Audit" columns={columns} rows={audit.edges} rowKey={({ cursor }) => cursor} />
              {audit.pageInfo.hasNextPage && first < 500 && (
                <Button className="self-start" onClick={() => setFirst(first + 100)}>
                  Show more
                </Button>
              )}
            </>
          )
        }
      </Answered>
    </Page>
  );
}
