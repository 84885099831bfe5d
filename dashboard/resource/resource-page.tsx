import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useQuery } from 'urql';
import { Resource as ResourceDocument, type ResourceQuery } from '../generated/operations.ts';
import { type Kind, kindAt } from '../graph/kinds.ts';
import { AnsweredPage } from '../parts/answered-page.tsx';
import { Breakable } from '../parts/breakable.tsx';
import { Missing } from '../parts/missing.tsx';
import { Page } from '../parts/page.tsx';
import { Status } from '../parts/status.tsx';
import { TabLinks } from '../parts/tab-links.tsx';
import { DefinitionView } from './definition-view.tsx';
import { ResourceActions } from './resource-actions.tsx';
import { type Resource, ResourceFacts } from './resource-facts.tsx';
import { ResourceJobs } from './resource-jobs.tsx';
import { partsOf } from './resource-parts.tsx';
import { ResourceSchema } from './resource-schema.tsx';
import { Snippets } from './snippets.tsx';
import { Uses } from './uses.tsx';

const route = getRouteApi('/resources/$kind/$reference');

export function ResourcePage() {
  const { kind: path, reference } = route.useParams();
  const kind = kindAt(path);
  if (kind === undefined) return <Missing title={`There is no kind of resource that is called ${path}`} />;
  return <OfKind key={`${path} ${reference}`} kind={kind} reference={reference} />;
}

function OfKind({ kind, reference }: { kind: Kind; reference: string }) {
  const name = reference.split(/[@:]/)[0] ?? reference;
  const [answer] = useQuery({ query: ResourceDocument, variables: { kind: kind.kind, ref: reference, name } });
  return (
    <AnsweredPage of={answer} name={reference}>
      {(data) =>
        data.resource ? (
          <Shown of={data.resource} kind={kind} variants={data.variants} />
        ) : (
          <Missing title={`There is no ${kind.one} ${reference}`} />
        )
      }
    </AnsweredPage>
  );
}

type Shown = { of: Resource; kind: Kind; variants: ResourceQuery['variants'] };

function Shown({ of, kind, variants }: Shown) {
  const { tab: asked } = route.useSearch();
  const others = variants.edges
    .map(({ node }) => node)
    .filter((one) => one.kind === of.kind && one.name === of.name && one.ref !== of.ref);
  const parts: (readonly [string, string, () => ReactNode])[] = [
    ['overview', 'Overview', () => <Overview of={of} />],
    ...partsOf(of),
    ...(of.definition
      ? [
          [
            'definition',
            'Definition',
            () => <DefinitionView kind={of.kind} reference={of.ref} definition={of.definition ?? {}} others={others} />,
          ] as const,
        ]
      : []),
    [
      'uses',
      'Who uses it',
      () => <Uses kind={of.kind} reference={of.ref} upstream={of.upstream} downstream={of.downstream} />,
    ],
    ['jobs', 'Jobs', () => <ResourceJobs id={of.id} />],
    ['code', 'From a program', () => <Snippets of={of} />],
  ];
  const shown = parts.find(([id]) => id === asked) ?? parts[0];
  return (
    <Page
      name={of.ref}
      title={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="wrap-anywhere min-w-0">
            <kind.icon size={18} aria-hidden className="mr-2 inline align-[-0.15em] text-soft" />
            <Breakable text={of.ref} />
          </span>
          <Status of={of.status} title={of.statusMessage} />
        </span>
      }
      about={of.description || `${/^[aeiou]/.test(kind.one) ? 'An' : 'A'} ${kind.one}.`}
      actions={<ResourceActions of={of} />}
    >
      <TabLinks tabs={parts.map(([id, text]) => [id, text] as const)} shown={shown?.[0] ?? ''} />
      {shown?.[2]()}
    </Page>
  );
}

function Overview({ of }: { of: Resource }) {
  return (
    <div className="flex flex-col gap-5">
      {of.deprecated && <p className="panel bg-warn-ground p-3 text-warn">Deprecated: {of.deprecated}</p>}
      {of.status === 'FAILED' && of.statusMessage && (
        <p className="panel border-bad bg-bad-ground p-3 text-bad">Its last job failed: {of.statusMessage}</p>
      )}
      <ResourceFacts of={of} />
      <ResourceSchema of={of} />
    </div>
  );
}
