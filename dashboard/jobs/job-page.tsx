import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useQuery } from 'urql';
import { Job as JobDocument, type JobQuery } from '../generated/operations.ts';
import { AnsweredPage } from '../parts/answered-page.tsx';
import { Button } from '../parts/button.tsx';
import { Issues } from '../parts/failure.tsx';
import { Missing } from '../parts/missing.tsx';
import { Moment } from '../parts/moment.tsx';
import { Facts, Page, Section } from '../parts/page.tsx';
import { ResourceLink } from '../parts/resource-link.tsx';
import { Status, words } from '../parts/status.tsx';
import { countText } from '../parts/value.tsx';
import { saveFile } from '../training/save-file.ts';
import { JobActions } from './job-actions.tsx';
import { JobLog } from './job-log.tsx';
import { JobProgress } from './job-progress.tsx';
import { JobsTable, Took } from './jobs-table.tsx';
import { useRate } from './use-rate.ts';

const route = getRouteApi('/jobs/$id');
const RateChart = lazy(() => import('./rate-chart.tsx').then((module) => ({ default: module.RateChart })));

export function JobPage() {
  const { id } = route.useParams();
  return <OneJob key={id} id={id} />;
}

function OneJob({ id }: { id: string }) {
  const [answer] = useQuery({ query: JobDocument, variables: { id } });
  return (
    <AnsweredPage of={answer} name="Job">
      {({ job }) => (job ? <Shown job={job} /> : <Missing title="There is no such job" />)}
    </AnsweredPage>
  );
}

function Shown({ job }: { job: NonNullable<JobQuery['job']> }) {
  const title = `${words(job.kind)} ${job.ref ?? job.name ?? ''}`;
  const rate = useRate(job);
  return (
    <Page
      name={title}
      title={
        <span className="flex flex-wrap items-center gap-3">
          <span className="first-letter:uppercase">{title}</span>
          <Status of={job.state} />
        </span>
      }
      actions={<JobActions job={job} />}
    >
      {job.error && (
        <div className="panel border-bad p-4">
          <p className="break-words text-bad">
            {job.error.message} <code className="text-xs">{job.error.code}</code>
          </p>
          <Issues issues={job.error.issues} />
        </div>
      )}
      {job.reason && <p className="panel p-3">{job.reason}</p>}
      <Facts
        of={[
          ['Stage', job.stage ?? (job.state === 'PENDING' ? 'waiting for its turn' : '–')],
          ['Progress', <JobProgress key="progress" {...job} stage={null} />],
          ['Rate', rate.now === undefined ? '–' : `${rateText(rate.now)} rows/s`],
          ['Took', <Took key="took" {...job} />],
          ['Attempt', `${job.attempts} of ${job.maxAttempts} at most`],
          [
            'Works for',
            job.resource ? <ResourceLink key="for" kind={job.resource.kind} reference={job.resource.ref} /> : '–',
          ],
          ['Started by', job.startedBy],
          ['Asked for', <Moment key="asked" at={job.createdAt} />],
          ['Started', <Moment key="started" at={job.startedAt} otherwise="not yet" />],
          ['Ended', <Moment key="ended" at={job.finishedAt} otherwise="not yet" />],
        ]}
      />
      {job.run && (
        <div className="panel flex flex-wrap items-center gap-4 p-3">
          Made {job.run.rowCount === 1 ? 'one row' : `${countText(job.run.rowCount)} rows`}.
          <Made address={job.run.download} name={job.ref ?? job.name ?? 'rows'} />
        </div>
      )}
      {rate.points.length > 2 && (
        <Section title="Rows while one watches">
          <Suspense>
            <RateChart points={rate.points} />
          </Suspense>
        </Section>
      )}
      {job.dependsOn.length > 0 && (
        <Section title="Waits for, or has waited for">
          <JobsTable jobs={job.dependsOn} label="Jobs that it depends on" />
        </Section>
      )}
      <Section
        title="Log"
        aside={
          <Link to="/jobs" className="link">
            All jobs
          </Link>
        }
      >
        <JobLog id={job.id} revision={job.revision} />
      </Section>
    </Page>
  );
}

function rateText(rowsPerSecond: number): string {
  return rowsPerSecond < 10 ? rowsPerSecond.toFixed(1) : countText(Math.round(rowsPerSecond));
}

function Made({ address, name }: { address: string; name: string }) {
  const [problem, setProblem] = useState('');
  const save = async () => setProblem((await saveFile(address, `${name.replaceAll(/\W+/g, '-')}.parquet`)) ?? '');
  return (
    <>
      <Button onClick={save}>Download them as Parquet</Button>
      <span role="status" className="text-bad">
        {problem}
      </span>
    </>
  );
}
