import { Link } from '@tanstack/react-router';
import { useQuery } from 'urql';
import { Home as HomeDocument, type HomeQuery } from '../generated/operations.ts';
import { kinds } from '../graph/kinds.ts';
import { JobsTable } from '../jobs/jobs-table.tsx';
import { Answered } from '../parts/answered.tsx';
import { buttonClass } from '../parts/button.tsx';
import { Empty } from '../parts/empty.tsx';
import { Page, Section } from '../parts/page.tsx';
import { countText } from '../parts/value.tsx';
import { Stores } from './stores.tsx';
import { Unwell } from './unwell.tsx';

/** What is here, what runs, and what is unwell. */
export function Home() {
  const [answer] = useQuery({ query: HomeDocument });
  return (
    <Page
      title="Home"
      name="Home"
      about="What is registered here, what runs, and what is unwell."
      actions={
        <Link to="/register" className={buttonClass('solid')}>
          Register
        </Link>
      }
    >
      <Answered of={answer}>
        {(data) => (
          <>
            <Counts of={data} />
            <Unwell resources={data.unwell.edges.map(({ node }) => node)} total={data.unwell.totalCount} />
            <Jobs of={data} />
          </>
        )}
      </Answered>
      {/* Asked for at once, but shown with what is above it: it would be pushed down. */}
      <div className={answer.data || answer.error ? undefined : 'invisible'}>
        <Stores />
      </div>
    </Page>
  );
}

function Counts({ of }: { of: HomeQuery }) {
  const counts: Readonly<Record<string, number | null>> = {
    entities: of.entities.totalCount,
    sources: of.sources.totalCount,
    'feature-views': of.featureViews.totalCount,
    'on-demand-feature-views': of.onDemandFeatureViews.totalCount,
    features: of.features.totalCount,
    labels: of.labels.totalCount,
    'training-sets': of.trainingSets.totalCount,
    'feature-services': of.featureServices.totalCount,
    models: of.models.totalCount,
  };
  return (
    <Section title="Registered">
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(10.5rem,1fr))] gap-2">
        {kinds
          .filter(({ path }) => path in counts)
          .map(({ path, many, icon: Icon, says }) => (
            <li key={path}>
              <Link
                to="/resources/$kind"
                params={{ kind: path }}
                title={says}
                className="panel flex h-full flex-col justify-between gap-1 p-3 hover:border-accent"
              >
                <span className="flex items-center gap-2 text-soft">
                  <Icon size={14} aria-hidden />
                  {many}
                </span>
                <span className="font-semibold text-xl tabular-nums">{countText(counts[path])}</span>
              </Link>
            </li>
          ))}
      </ul>
    </Section>
  );
}

function Jobs({ of }: { of: HomeQuery }) {
  const running = of.running.edges.map(({ node }) => node);
  const latest = of.latest.edges.map(({ node }) => node);
  const all = (
    <Link to="/jobs" className="link">
      All jobs
    </Link>
  );
  if (running.length > 0)
    return (
      <Section title="Running and waiting" aside={all}>
        <JobsTable jobs={running} label="Running and waiting jobs" />
      </Section>
    );
  return (
    <Section title="Latest jobs" aside={all}>
      {latest.length > 0 ? (
        <JobsTable jobs={latest} label="Latest jobs" />
      ) : (
        <Empty title="No job has run yet">Registering a feature view with an online store starts the first.</Empty>
      )}
    </Section>
  );
}
