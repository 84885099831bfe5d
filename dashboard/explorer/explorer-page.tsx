import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useQuery } from 'urql';
import { ExploredEntities, ExploredEntity } from '../generated/operations.ts';
import { Answered } from '../parts/answered.tsx';
import { Choice } from '../parts/choice.tsx';
import { Empty } from '../parts/empty.tsx';
import { Moment } from '../parts/moment.tsx';
import { Page, Section } from '../parts/page.tsx';
import type { Entity } from './explored-entity.ts';
import { typedTexts } from './explorer-search.ts';
import { KeyFields } from './key-fields.tsx';
import { keyValue } from './key-value.ts';
import { Neighbours } from './neighbours.tsx';
import { OnDemandNow } from './on-demand-now.tsx';
import { ValuesNow } from './values-now.tsx';
import { ValuesThen } from './values-then.tsx';

const route = getRouteApi('/explore');

/** One of an entity: every feature of it now, as of an instant, and what is near it. */
export function ExplorerPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const [answer] = useQuery({ query: ExploredEntities });
  return (
    <Page
      title="Entity explorer"
      name="Entity explorer"
      about="Type a key, and see every feature of it: its value, its status and its age."
    >
      <Answered of={answer}>
        {({ entities }) =>
          entities.edges.length === 0 ? (
            <Empty title="No entity is registered yet">
              An entity is what features describe, with the keys that it is known by.
            </Empty>
          ) : (
            <>
              <Choice
                name="Entity"
                value={search.entity}
                otherwise="choose one"
                options={entities.edges.map(({ node }) => node.ref)}
                onChoice={(entity) => navigate({ to: '/explore', search: entity ? { entity } : {} })}
              />
              {search.entity === undefined ? (
                <Choose entities={entities.edges.map(({ node }) => node)} />
              ) : (
                <OfEntity key={search.entity} reference={search.entity} />
              )}
            </>
          )
        }
      </Answered>
    </Page>
  );
}

type Named = { id: string; ref: string; description: string };

/** What one can look at, before one has chosen. */
function Choose({ entities }: { entities: readonly Named[] }) {
  return (
    <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(16rem,100%),1fr))] gap-2">
      {entities.map(({ id, ref, description }) => (
        <li key={id}>
          <Link
            to="/explore"
            search={{ entity: ref }}
            className="panel flex h-full flex-col gap-1 p-3 hover:border-accent"
          >
            <span className="break-words text-accent">{ref}</span>
            <span className="text-soft">{description}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function OfEntity({ reference }: { reference: string }) {
  const [answer] = useQuery({ query: ExploredEntity, variables: { ref: reference } });
  return (
    <Answered of={answer}>
      {({ entity }) => (entity ? <Explored entity={entity} /> : <Empty title={`There is no entity ${reference}`} />)}
    </Answered>
  );
}

/** What is typed without a zone is of UTC; what is no instant is for the graph to refuse. */
function AsOf({ at }: { at: string }) {
  const instant = /(Z|[+-]\d\d:?\d\d)$/i.test(at) ? at : `${at}Z`;
  return <>As of {Number.isNaN(Date.parse(instant)) ? at : <Moment at={instant} />}</>;
}

function Explored({ entity }: { entity: Entity }) {
  const { keys: written, at } = route.useSearch();
  const typed = typedTexts(written);
  const isWhole = entity.joinKeys.every(({ name }) => (typed[name] ?? '') !== '');
  const keys = entity.joinKeys.map(({ name, type }) => ({
    joinKey: name,
    type,
    value: keyValue(typed[name] ?? '', type),
  }));
  const identity = JSON.stringify(keys);
  return (
    <>
      <KeyFields entity={entity} typed={typed} at={at} />
      {isWhole ? (
        <>
          <ValuesNow key={`now ${identity}`} entity={entity} keys={keys} />
          <OnDemandNow key={`computed ${identity}`} entity={entity} keys={keys} />
          {at !== undefined && (
            <Section title={<AsOf at={at} />}>
              <ValuesThen key={`${at} ${identity}`} entity={entity} keys={keys} at={at} />
            </Section>
          )}
          <Neighbours key={`near ${identity}`} entity={entity} keys={keys} />
        </>
      ) : (
        <Empty title="Type a key, or take one of those that its sources have" />
      )}
    </>
  );
}
