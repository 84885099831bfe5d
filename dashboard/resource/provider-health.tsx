import { ProviderHealth as ProviderHealthDocument, type ResourceLinkFragment } from '../generated/operations.ts';
import { kinds } from '../graph/kinds.ts';
import { useRepeatedQuery } from '../graph/use-repeated-query.ts';
import { Answered } from '../parts/answered.tsx';
import { Button } from '../parts/button.tsx';
import { Empty } from '../parts/empty.tsx';
import { Section } from '../parts/page.tsx';
import { Status } from '../parts/status.tsx';
import { Links } from './uses.tsx';

/** Whether a store answers, asked anew as often as one likes, and what it holds. */
export function ProviderHealth({ reference, holds }: { reference: string; holds: readonly ResourceLinkFragment[] }) {
  const [answer, ask] = useRepeatedQuery({ query: ProviderHealthDocument, variables: { ref: reference } });
  return (
    <>
      <Section title="Health" aside={<Button onClick={ask}>Test the connection</Button>}>
        <Answered of={answer}>
          {({ provider }) =>
            provider && (
              <div role="status" className="panel flex flex-col gap-1 p-3">
                <span className="flex items-center gap-3">
                  <Status of={provider.health.healthy ? 'HEALTHY' : 'UNHEALTHY'} />
                  {provider.health.message ?? `answered in ${provider.health.milliseconds.toFixed(1)} ms`}
                </span>
                {provider.health.warnings.map((warning) => (
                  <span key={warning} className="text-warn">
                    {warning}
                  </span>
                ))}
              </div>
            )
          }
        </Answered>
      </Section>
      {holds.length === 0 && <Empty title="It holds nothing yet" />}
      {kinds.map(({ kind, many }) => {
        const held = holds.filter((one) => one.kind === kind);
        return held.length === 0 ? null : (
          <Section key={kind} title={`${many} that it holds: ${held.length}`}>
            <Links of={held} otherwise="" />
          </Section>
        );
      })}
    </>
  );
}
