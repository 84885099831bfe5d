import { useState } from 'react';
import { useQuery } from 'urql';
import {
  type JsonValue,
  Neighbours as NeighboursDocument,
  type NeighboursQuery,
  OnlineNow,
} from '../generated/operations.ts';
import { Answered } from '../parts/answered.tsx';
import { Choice } from '../parts/choice.tsx';
import type { Column } from '../parts/column.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { Section } from '../parts/page.tsx';
import type { Entity } from './explored-entity.ts';
import { type ExploredKey, keyColumns } from './explored-key.ts';
import { NeighbourMap, type Placed } from './neighbour-map.tsx';

/** What lies near by an embedding: a list, the nearest first, and a map. Nothing where the entity has no embedding. */
export function Neighbours({ entity, keys }: { entity: Entity; keys: readonly ExploredKey[] }) {
  const embeddings = entity.featureViews
    .filter(({ vectorStore }) => vectorStore !== null)
    .flatMap(({ features }) => features.filter(({ type }) => type.startsWith('VECTOR')).map(({ ref }) => ref));
  const [chosen, setChosen] = useState(embeddings[0] ?? '');
  if (embeddings.length === 0) return null;
  return (
    <Section
      title="Nearest"
      aside={
        <Choice name="By" value={chosen} otherwise="choose an embedding" options={embeddings} onChoice={setChosen} />
      }
    >
      {chosen !== '' && <Near feature={chosen} keys={keys} />}
    </Section>
  );
}

type Neighbour = NonNullable<NeighboursQuery['nearest']>[number];

const columns: Column<Neighbour>[] = [
  { id: 'key', head: 'Key', cell: ({ keys }) => <span className="font-mono text-xs">{textOf(keys)}</span> },
  { id: 'score', head: 'Score', cell: ({ score }) => score.toPrecision(5), sort: ({ score }) => score, isNumber: true },
];

function Near({ feature, keys }: { feature: string; keys: readonly ExploredKey[] }) {
  const own = keyColumns(keys);
  const select = { features: [{ feature }] };
  const [answer] = useQuery({ query: NeighboursDocument, variables: { feature, to: { entity: own }, k: 20, select } });
  const [self] = useQuery({ query: OnlineNow, variables: { select, keys: own } });
  return (
    <Answered of={answer}>
      {({ nearest }) => {
        if (nearest === null || nearest.length === 0)
          return <Empty title="Nothing is near it, or it has no embedding" />;
        const here = vectorOf(self.data?.onlineFeatures.columns[0]?.values[0]);
        const placed: Placed[] = nearest.flatMap(({ keys: of, features }) => {
          const vector = vectorOf(features[0]?.value);
          return vector ? [{ name: textOf(of), vector, isSelf: false }] : [];
        });
        if (here)
          placed.unshift({ name: keys.map(({ value }) => String(value)).join(', '), vector: here, isSelf: true });
        return (
          <div className="grid gap-4 lg:grid-cols-2">
            <DataTable label="Nearest neighbours" columns={columns} rows={nearest} rowKey={(one) => textOf(one.keys)} />
            <NeighbourMap placed={placed} />
          </div>
        );
      }}
    </Answered>
  );
}

function textOf(keys: Neighbour['keys']): string {
  return keys.map(({ value }) => String(value)).join(', ');
}

function vectorOf(value: JsonValue | undefined): number[] | undefined {
  return Array.isArray(value) && value.every((one) => typeof one === 'number') ? (value as number[]) : undefined;
}
