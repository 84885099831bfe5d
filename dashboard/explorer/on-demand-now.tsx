import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useQuery } from 'urql';
import { ExploredOnDemand, type ExploredOnDemandQuery, OnlineNow } from '../generated/operations.ts';
import { Answered } from '../parts/answered.tsx';
import { Button } from '../parts/button.tsx';
import { Empty } from '../parts/empty.tsx';
import { Section } from '../parts/page.tsx';
import { ResourceLink } from '../parts/resource-link.tsx';
import type { Entity } from './explored-entity.ts';
import type { ExploredKey } from './explored-key.ts';
import { typedTexts } from './explorer-search.ts';
import { keyValue } from './key-value.ts';
import { TypedField } from './typed-field.tsx';
import { valuesOf } from './values-now.tsx';
import { ValuesTable } from './values-table.tsx';

type View = ExploredOnDemandQuery['onDemandFeatureViews']['edges'][number]['node'];
type Texts = Readonly<Record<string, string>>;
type Props = { entity: Entity; keys: readonly ExploredKey[] };

const route = getRouteApi('/explore');

/** What is computed of one when it is asked for: of what is served of it, and of values that are typed here. */
export function OnDemandNow({ entity, keys }: Props) {
  const [{ data }] = useQuery({ query: ExploredOnDemand });
  const views = (data?.onDemandFeatureViews.edges ?? [])
    .map(({ node }) => node)
    .filter(({ keyedBy }) => keyedBy?.id === entity.id);
  const request = [...new Map(views.flatMap((view) => view.request).map((one) => [one.name, one])).values()];
  const typed = typedTexts(route.useSearch().request);
  if (views.length === 0) return null;
  return (
    <Section title="Computed on demand">
      {request.length > 0 && <RequestFields request={request} typed={typed} />}
      {views.map((view) => (
        <Computed key={`${view.id} ${JSON.stringify(typed)}`} view={view} keys={keys} typed={typed} />
      ))}
    </Section>
  );
}

function RequestFields({ request, typed }: { request: View['request']; typed: Texts }) {
  const navigate = useNavigate();
  const [values, setValues] = useState(typed);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = Object.fromEntries(Object.entries(values).filter(([, text]) => text !== ''));
    void navigate({ to: '/explore', search: (before) => ({ ...before, request: JSON.stringify(given) }) });
  };
  return (
    <form onSubmit={submit} className="panel flex flex-wrap items-end gap-3 p-4">
      {request.map(({ name, type, optional, description }) => (
        <TypedField
          key={name}
          name={`request.${name}`}
          type={type}
          value={values[name]}
          onChange={(text) => setValues({ ...values, [name]: text })}
          isOptional={optional}
          description={description}
        />
      ))}
      <Button type="submit" look="solid">
        Compute
      </Button>
    </form>
  );
}

function Computed({ view, keys, typed }: { view: View; keys: readonly ExploredKey[]; typed: Texts }) {
  const missing = view.request.filter(({ name, optional }) => !optional && typed[name] === undefined);
  const [answer] = useQuery({
    query: OnlineNow,
    variables: {
      select: { features: view.computed.map(({ ref }) => ({ feature: ref })) },
      keys: keysInRoles(view, keys),
      request: view.request.flatMap(({ name, type }) => {
        const text = typed[name];
        return text === undefined ? [] : [{ name, values: [keyValue(text, type)] }];
      }),
    },
    pause: missing.length > 0,
    requestPolicy: 'network-only',
  });
  const title = <ResourceLink kind="ON_DEMAND_FEATURE_VIEW" reference={view.ref} />;
  if (missing.length > 0) {
    const names = missing.map(({ name }) => `request.${name}`).join(', ');
    return (
      <>
        {title}
        <Empty title={`It is computed of ${names}: type what a request would bring`} />
      </>
    );
  }
  return (
    <>
      {title}
      <Answered of={answer}>
        {({ onlineFeatures }) => (
          <ValuesTable label={`Values of ${view.ref}`} values={valuesOf(view.computed, onlineFeatures)} />
        )}
      </Answered>
    </>
  );
}

/** The one that is looked at in each part that an input means. */
function keysInRoles({ inputs }: View, keys: readonly ExploredKey[]) {
  const roles = [...new Set(inputs.map(({ role }) => role))];
  return roles.flatMap((role) => keys.map(({ joinKey, value }) => ({ role, joinKey, values: [value] })));
}
