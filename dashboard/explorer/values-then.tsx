import { useEffect, useRef, useState } from 'react';
import { type CombinedError, useClient } from 'urql';
import { RetrieveAt, RetrievedRows, type RetrievedRowsQuery } from '../generated/operations.ts';
import { useJobChange } from '../graph/live.ts';
import { useRepeatedQuery } from '../graph/use-repeated-query.ts';
import { Answered } from '../parts/answered.tsx';
import { Empty, Loading } from '../parts/empty.tsx';
import { Failure, Issues } from '../parts/failure.tsx';
import type { Entity } from './explored-entity.ts';
import type { ExploredKey } from './explored-key.ts';
import { ValuesTable } from './values-table.tsx';

type Props = { entity: Entity; keys: readonly ExploredKey[]; at: string };

/** The same as a training set would have seen it: a retrieval of one row, point-in-time, by a job. */
export function ValuesThen({ entity, keys, at }: Props) {
  const client = useClient();
  const [job, setJob] = useState<string>();
  const [error, setError] = useState<CombinedError>();
  const asked = useRef(false);
  useEffect(() => {
    // Once, whatever React does: each retrieval is a job.
    if (asked.current) return;
    asked.current = true;
    void client
      .mutation(RetrieveAt, {
        select: { features: selected(entity).map(({ feature, alias }) => ({ feature, alias })) },
        spine: spineOf(entity, keys, at),
      })
      .toPromise()
      .then((answer) => {
        setError(answer.error);
        setJob(answer.data?.retrieveHistoricalFeatures.id);
      });
  }, [client, entity, keys, at]);
  if (error) return <Failure error={error} />;
  if (job === undefined) return <Loading what="Asking" />;
  return <Retrieved id={job} entity={entity} />;
}

function Retrieved({ id, entity }: { id: string; entity: Entity }) {
  const [answer, ask] = useRepeatedQuery({ query: RetrievedRows, variables: { id } });
  const news = useJobChange(id);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what a job has made is there when its state has changed.
  useEffect(ask, [news?.state]);
  return (
    <Answered of={answer}>
      {({ job }) => {
        if (job?.error)
          return (
            <div role="alert" className="panel border-bad p-4">
              {job.error.message}
              <Issues issues={job.error.issues} />
            </div>
          );
        if (job?.state === 'CANCELLED') return <Empty title="The retrieval was cancelled" />;
        if (job?.state !== 'SUCCEEDED' || !job.run) return <Loading what="Retrieving, point-in-time" />;
        return <ValuesTable label="Values then" values={valuesOf(entity, job.run)} />;
      }}
    </Answered>
  );
}

type Run = NonNullable<NonNullable<RetrievedRowsQuery['job']>['run']>;

function valuesOf(entity: Entity, { rows }: Run) {
  const [row] = rows.edges;
  return selected(entity).flatMap(({ feature, alias, type }) => {
    const at = rows.columns.findIndex(({ name }) => name === alias);
    return at < 0 ? [] : [{ ref: feature, type, value: row?.node[at] }];
  });
}

/** Names of one retrieval must differ, and features of different views may be called alike. */
function features(entity: Entity) {
  return entity.featureViews
    .flatMap((view) => view.features)
    .map((one, at) => ({ ...one, alias: `f${at}_${one.name}` }));
}

function selected(entity: Entity) {
  return features(entity).map(({ ref, alias, type }) => ({ feature: ref, alias, type }));
}

function spineOf(entity: Entity, keys: readonly ExploredKey[], at: string) {
  const columns = [...keys.map(({ joinKey, type }) => ({ name: joinKey, type })), { name: 'as_of', type: 'TIMESTAMP' }];
  return {
    rows: {
      columns,
      rows: [[...keys.map(({ value }) => value), at]],
      entities: [{ entity: entity.ref }],
      timestamp: 'as_of',
    },
  };
}
