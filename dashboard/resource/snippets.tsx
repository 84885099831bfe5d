import { useState } from 'react';
import { useQuery } from 'urql';
import { sampleValue } from '../../playground/sample-values.ts';
import { ServedKeys } from '../generated/operations.ts';
import { Button } from '../parts/button.tsx';
import { Code } from '../parts/code.tsx';
import { Section } from '../parts/page.tsx';
import type { Resource } from './resource-facts.tsx';
import { sampleOf } from './sample-keys.ts';
import { snippets } from './snippet-texts.ts';

/** How to ask for it from a program, with keys of which there are values. */
export function Snippets({ of }: { of: Resource }) {
  const views = viewsOf(of);
  const ids = [...new Set(views.map(({ view }) => view))];
  const [{ data }] = useQuery({ query: ServedKeys, variables: { ids }, pause: ids.length === 0 });
  const keys = views.flatMap(({ role, view }) => {
    const read = data?.nodes.find((node) => node?.id === view);
    if (read?.__typename !== 'FeatureView') return [];
    const [sample] = sampleOf(read);
    return Object.entries(sample ?? {}).map(([joinKey, value]) => ({ role, joinKey, value: JSON.stringify(value) }));
  });
  const once = [...new Map(keys.map((key) => [`${key.role} ${key.joinKey}`, key])).values()];
  const field = of.__typename.charAt(0).toLowerCase() + of.__typename.slice(1);
  const texts = snippets({
    kind: of.kind,
    ref: of.ref,
    field,
    url: window.location.origin,
    keys: once,
    request: requestOf(of),
  });
  const [shown, setShown] = useState('GraphQL');
  const text = texts.find(({ name }) => name === shown)?.text ?? '';
  return (
    <Section
      title="From a program"
      aside={
        <fieldset className="flex flex-wrap gap-1">
          <legend className="sr-only">Language</legend>
          {texts.map(({ name }) => (
            <Button
              key={name}
              look={name === shown ? 'plain' : 'quiet'}
              aria-pressed={name === shown}
              onClick={() => setShown(name)}
            >
              {name}
            </Button>
          ))}
        </fieldset>
      }
    >
      <Code label={`By ${shown}`} text={text} />
    </Section>
  );
}

function viewsOf(of: Resource): { role: string; view: string }[] {
  if (of.__typename === 'FeatureService')
    return of.selected.flatMap(({ role, feature: { view }, inputs }) =>
      view === null ? inputs.flatMap(viewInRole) : [{ role, view: view.id }],
    );
  if (of.__typename !== 'Feature') return [];
  if (of.view !== null) return [{ role: of.view.entity.name, view: of.view.id }];
  return of.onDemandView?.inputs.flatMap(viewInRole) ?? [];
}

function viewInRole({ role, feature: { view } }: { role: string; feature: { view: { id: string } | null } }) {
  return view === null ? [] : [{ role, view: view.id }];
}

/** A value of each that a request must bring, and of each that it may. */
function requestOf(of: Resource): { name: string; value: string }[] {
  const views =
    of.__typename === 'FeatureService'
      ? of.selected.map(({ feature }) => feature.onDemandView)
      : [of.__typename === 'Feature' ? of.onDemandView : null];
  const values = views
    .flatMap((view) => view?.request ?? [])
    .map(({ name, type }) => ({ name, value: sampleValue(type) }));
  return [...new Map(values.map((one) => [one.name, one])).values()];
}
