import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { useClient, useQuery } from 'urql';
import { ResourceList as ResourceListDocument, type ResourceListQuery } from '../generated/operations.ts';
import { type Kind, kindAt } from '../graph/kinds.ts';
import { Answered } from '../parts/answered.tsx';
import { Button, buttonClass } from '../parts/button.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { Missing } from '../parts/missing.tsx';
import { Page } from '../parts/page.tsx';
import { countText } from '../parts/value.tsx';
import { dataTime, hasData, type Listed, listColumns } from './list-columns.tsx';
import { ListFilters } from './list-filters.tsx';
import { ages, type ListSearch } from './list-search.ts';

const ofKind = getRouteApi('/resources/$kind');
const ofAll = getRouteApi('/resources');

export function KindList() {
  const { kind: path } = ofKind.useParams();
  const search = ofKind.useSearch();
  const kind = kindAt(path);
  if (kind === undefined) return <Missing title={`There is no kind of resource that is called ${path}`} />;
  return <ResourceList key={path} kind={kind} search={search} />;
}

export function AllResources() {
  return <ResourceList search={ofAll.useSearch()} />;
}

/** What is registered of one kind, or of all, as far as the address narrows it. */
function ResourceList({ kind, search }: { kind?: Kind; search: ListSearch }) {
  const title = kind?.many ?? 'All resources';
  const variables = { ...asked(kind, search), first: pageSize, after: null };
  const [answer] = useQuery({ query: ResourceListDocument, variables });
  return (
    <Page
      title={title}
      name={title}
      about={kind?.says}
      actions={
        <Link to="/register" search={{ kind: registeredAs(kind) }} className={buttonClass('solid')}>
          Register{kind?.kind === 'FEATURE' && ' a feature view'}
        </Link>
      }
    >
      <ListFilters search={search} hasAge={kind !== undefined && hasData.includes(kind.kind)} />
      <Answered of={answer}>
        {(data) => <Found key={JSON.stringify(variables)} first={data} kind={kind} search={search} />}
      </Answered>
    </Page>
  );
}

/** A feature is registered with its view. */
function registeredAs(kind: Kind | undefined) {
  return kind?.kind === 'FEATURE' ? 'FEATURE_VIEW' : kind?.kind;
}

const pageSize = 100;

function asked(kind: Kind | undefined, { q, owner, tag, status }: ListSearch) {
  const filter = {
    ...(kind && { kinds: [kind.kind] }),
    ...(owner && { owner }),
    ...(tag && { tags: [tag] }),
    ...(status && { statuses: [status as 'READY'] }),
  };
  return { filter, search: q || null };
}

type Found = { first: ResourceListQuery; kind: Kind | undefined; search: ListSearch };

function Found({ first, kind, search }: Found) {
  const client = useClient();
  const [further, setFurther] = useState<ResourceListQuery[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: pages after one that has changed may begin elsewhere.
  useEffect(() => setFurther([]), [first.resources.pageInfo.endCursor]);
  const { pageInfo } = (further.at(-1) ?? first).resources;
  const rows = useMemo(
    () => [first, ...further].flatMap(({ resources }): Listed[] => resources.edges.map(({ node }) => node)),
    [first, further],
  );
  const shown = useMemo(() => rows.filter((row) => isOldEnough(row, search.age)), [rows, search.age]);
  const columns = useMemo(() => listColumns(kind), [kind]);
  const more = async () => {
    const variables = { ...asked(kind, search), first: pageSize, after: pageInfo.endCursor };
    const { data } = await client.query(ResourceListDocument, variables).toPromise();
    if (data) setFurther([...further, data]);
  };
  if (shown.length === 0 && !pageInfo.hasNextPage) return <Nothing kind={kind} search={search} />;
  return (
    <>
      <DataTable label={kind?.many ?? 'Resources'} columns={columns} rows={shown} rowKey={({ id }) => id} />
      <p className="flex items-center gap-3 text-soft">
        {countText(shown.length)} of {countText(first.resources.totalCount)}
        {rows.length > shown.length && pageInfo.hasNextPage && `, of which ${countText(rows.length)} were looked at`}
        {pageInfo.hasNextPage && <Button onClick={more}>Show more</Button>}
      </p>
    </>
  );
}

function isOldEnough(row: Listed, age: string | undefined): boolean {
  const oldest = age === undefined ? undefined : ages[age];
  if (oldest === undefined) return true;
  const at = dataTime(row);
  return at === undefined || Date.now() - Date.parse(at) >= oldest;
}

function Nothing({ kind, search }: { kind: Kind | undefined; search: ListSearch }) {
  const isNarrowed = Object.values(search).some(Boolean);
  if (isNarrowed)
    return (
      <Empty title="Nothing is like that">
        <Link to="." search={{}} className="link">
          Show all of them
        </Link>
      </Empty>
    );
  return (
    <Empty title={`There are no ${kind?.many.toLowerCase() ?? 'resources'} yet`}>
      <Link to="/register" search={{ kind: registeredAs(kind) }} className="link">
        Register the first
      </Link>
      , or apply a file of definitions with <code>featuregraph apply</code>.
    </Empty>
  );
}
