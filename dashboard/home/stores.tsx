import { useQuery } from 'urql';
import { HomeProviders } from '../generated/operations.ts';
import { Answered } from '../parts/answered.tsx';
import { Empty } from '../parts/empty.tsx';
import { Section } from '../parts/page.tsx';
import { ResourceLink } from '../parts/resource-link.tsx';
import { Status, words } from '../parts/status.tsx';

/** Whether each store answers. They are asked apart, so that a slow one keeps nothing else waiting. */
export function Stores() {
  const [answer] = useQuery({ query: HomeProviders });
  return (
    <Section title="Stores">
      <Answered of={answer}>
        {({ providers }) =>
          providers.edges.length === 0 ? (
            <Empty title="No store is registered yet">
              A provider is a connection to one: DuckDB and LMDB need no server, and are a good beginning.
            </Empty>
          ) : (
            <ul className="grid grid-cols-[repeat(auto-fill,minmax(16rem,1fr))] gap-2">
              {providers.edges.map(({ node: { id, kind, ref, product, roles, health } }) => (
                <li key={id} className="panel flex min-w-0 flex-col gap-1 p-3">
                  <span className="flex items-center justify-between gap-2">
                    <ResourceLink kind={kind} reference={ref} />
                    <Status of={health.healthy ? 'HEALTHY' : 'UNHEALTHY'} title={health.message} />
                  </span>
                  <span className="text-soft text-xs">
                    {product}: {roles.map(words).join(', ')}; answered in {health.milliseconds.toFixed(1)}&nbsp;ms
                  </span>
                  {!health.healthy && <span className="break-words text-bad text-xs">{health.message}</span>}
                  {health.warnings.map((warning) => (
                    <span key={warning} className="break-words text-warn text-xs">
                      {warning}
                    </span>
                  ))}
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
    </Section>
  );
}
