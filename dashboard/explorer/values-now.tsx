import { OnlineNow, type OnlineNowQuery } from '../generated/operations.ts';
import { useRepeatedQuery } from '../graph/use-repeated-query.ts';
import { Answered } from '../parts/answered.tsx';
import { Button } from '../parts/button.tsx';
import { Empty } from '../parts/empty.tsx';
import { Section } from '../parts/page.tsx';
import type { Entity } from './explored-entity.ts';
import { type ExploredKey, keyColumns } from './explored-key.ts';
import { type FeatureValue, ValuesTable } from './values-table.tsx';

/** Every feature of one that is served, as it is served now. */
export function ValuesNow({ entity, keys }: { entity: Entity; keys: readonly ExploredKey[] }) {
  const features = entity.featureViews
    .filter(({ onlineStore }) => onlineStore !== null)
    .flatMap((view) =>
      view.features.map(({ ref, name }) => ({ feature: ref, alias: `${view.id} ${name}`.replaceAll(/\W/g, '_') })),
    );
  const select = { features };
  const [answer, ask] = useRepeatedQuery({
    query: OnlineNow,
    variables: { select, keys: keyColumns(keys) },
    pause: features.length === 0,
    requestPolicy: 'network-only',
  });
  if (features.length === 0) return <Empty title="None of its views is served" />;
  return (
    <Section
      title="Now"
      aside={
        <Button look="quiet" onClick={ask}>
          Ask again
        </Button>
      }
    >
      <Answered of={answer}>
        {({ onlineFeatures }) => (
          <>
            {onlineFeatures.failures.map(({ provider, message }) => (
              <p key={provider} role="alert" className="text-bad">
                {provider}: {message}
              </p>
            ))}
            <ValuesTable
              label="Values now"
              values={valuesOf(
                entity.featureViews.flatMap((view) => view.features),
                onlineFeatures,
              )}
            />
          </>
        )}
      </Answered>
    </Section>
  );
}

export function valuesOf(
  features: readonly { ref: string; type: string }[],
  { columns }: OnlineNowQuery['onlineFeatures'],
): FeatureValue[] {
  const types = new Map(features.map(({ ref, type }) => [ref, type]));
  return columns.map(({ ref, values, statuses, eventTimestamps }) => ({
    ref,
    type: types.get(ref) ?? '',
    value: values[0],
    status: statuses[0] ?? 'NOT_FOUND',
    at: eventTimestamps[0] ?? undefined,
  }));
}
