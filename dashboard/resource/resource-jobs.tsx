import { useQuery } from 'urql';
import { ResourceJobs as ResourceJobsDocument } from '../generated/operations.ts';
import { JobsTable } from '../jobs/jobs-table.tsx';
import { Answered } from '../parts/answered.tsx';
import { Empty } from '../parts/empty.tsx';
import { Section } from '../parts/page.tsx';

/** What has run for a resource, the newest first. */
export function ResourceJobs({ id }: { id: string }) {
  const [answer] = useQuery({ query: ResourceJobsDocument, variables: { filter: { resource: id }, first: 50 } });
  return (
    <Section title="Jobs">
      <Answered of={answer}>
        {({ jobs }) =>
          jobs.edges.length > 0 ? (
            <JobsTable jobs={jobs.edges.map(({ node }) => node)} label="Jobs of this resource" />
          ) : (
            <Empty title="No job has run for it" />
          )
        }
      </Answered>
    </Section>
  );
}
