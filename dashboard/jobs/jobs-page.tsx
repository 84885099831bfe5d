import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useQuery } from 'urql';
import { Jobs } from '../generated/operations.ts';
import { Answered } from '../parts/answered.tsx';
import { Button } from '../parts/button.tsx';
import { Choice } from '../parts/choice.tsx';
import { Empty } from '../parts/empty.tsx';
import { Page } from '../parts/page.tsx';
import { type JobsSearch, jobKinds, jobStates } from './jobs-search.ts';
import { JobsTable } from './jobs-table.tsx';

const route = getRouteApi('/jobs');
const pageSize = 100;

/** What runs and has run, the newest first. */
export function JobsPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const [first, setFirst] = useState(pageSize);
  const filter = { ...(search.state && { states: [search.state] }), ...(search.kind && { kinds: [search.kind] }) };
  const [answer] = useQuery({ query: Jobs, variables: { filter, first, after: null } });
  const choose = (part: { [Name in keyof JobsSearch]?: string }) =>
    void navigate({ to: '/jobs', search: readable({ ...search, ...part }), replace: true });
  return (
    <Page title="Jobs" name="Jobs" about="What runs and has run, the newest first. They change as they go on.">
      <div className="flex flex-wrap gap-3">
        <Choice name="State" value={search.state} options={jobStates} onChoice={(state) => choose({ state })} />
        <Choice name="Kind" value={search.kind} options={jobKinds} onChoice={(kind) => choose({ kind })} />
      </div>
      <Answered of={answer}>
        {({ jobs }) =>
          jobs.edges.length === 0 ? (
            <Nothing isNarrowed={Object.values(search).some(Boolean)} />
          ) : (
            <>
              <JobsTable jobs={jobs.edges.map(({ node }) => node)} />
              {jobs.pageInfo.hasNextPage && first < 500 && (
                <Button className="self-start" onClick={() => setFirst(first + pageSize)}>
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

function Nothing({ isNarrowed }: { isNarrowed: boolean }) {
  return isNarrowed ? (
    <Empty title="There is no such job">
      <Link to="/jobs" search={{}} className="link">
        Show all of them
      </Link>
    </Empty>
  ) : (
    <Empty title="No job has run yet">Registering a feature view with an online store starts the first.</Empty>
  );
}

function readable(search: { [Name in keyof JobsSearch]?: string | undefined }): JobsSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value)) as JobsSearch;
}
