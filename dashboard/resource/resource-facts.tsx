import type { ReactNode } from 'react';
import type { ResourceQuery } from '../generated/operations.ts';
import { Age, Moment } from '../parts/moment.tsx';
import { Facts } from '../parts/page.tsx';
import { ResourceLink } from '../parts/resource-link.tsx';
import { words } from '../parts/status.tsx';
import { Tags } from '../parts/tags.tsx';
import { bytesText, countText } from '../parts/value.tsx';
import { windowText } from './window-text.ts';

export type Resource = NonNullable<ResourceQuery['resource']>;
export type Fact = readonly [string, ReactNode];

const link = (to: { kind: Resource['kind']; ref: string } | null | undefined, otherwise = 'none') =>
  to ? <ResourceLink kind={to.kind} reference={to.ref} /> : <span className="text-soft">{otherwise}</span>;

/** What is known of a resource: what all have, and what its kind has besides. */
export function ResourceFacts({ of }: { of: Resource }) {
  const common: Fact[] = [
    ['Owner', of.owner ?? <span className="text-soft">none</span>],
    ['Tags', <Tags key="tags" tags={of.tags} />],
    ['Registered', <Moment key="created" at={of.createdAt} />],
    ['Updated', <Age key="updated" at={of.updatedAt} />],
    ...of.properties.map(({ key, value }): Fact => [key, value]),
  ];
  return <Facts of={[...particular(of), ...common]} />;
}

function particular(of: Resource): Fact[] {
  switch (of.__typename) {
    case 'Entity':
      return [['Type in the graph', <code key="type">{of.graphqlType}</code>]];
    case 'Source':
      return [
        ['Of', words(of.sourceKind) + (of.as ? `, kept as a ${words(of.as)}` : '')],
        ['Provider', link(of.provider)],
      ];
    case 'FeatureView':
      return viewFacts(of);
    case 'Feature':
      return [
        ['Type', <code key="type">{of.type}</code>],
        ['View', link(of.view ?? of.onDemandView)],
        ...madeOf(of),
        ['Field in the graph', <code key="field">{of.graphqlField}</code>],
      ];
    case 'OnDemandFeatureView':
      return [
        ['Entity', link(of.keyedBy, 'several')],
        ['Field in the graph', <code key="field">{of.graphqlField}</code>],
      ];
    case 'Label':
      return [
        ['Value', <code key="value">{`${of.labelColumn} ${of.labelType}`}</code>],
        ['Source', link(of.source)],
        ['Timestamp', of.timestamp ?? 'none: features are the latest'],
      ];
    case 'TrainingSet':
      return [
        ['Label', link(of.label)],
        ['Rows', of.latestRun ? countText(of.latestRun.rowCount) : 'not built yet'],
        ['Size', of.latestRun ? bytesText(of.latestRun.bytes) : '–'],
        ['Built', <Age key="built" at={of.latestRun?.createdAt} />],
        ['Sees', of.knownAsOf ? 'only what had been recorded by then' : 'what had happened by then'],
      ];
    case 'Provider':
      return [
        ['Product', of.product],
        ['Serves as', of.roles.map(words).join(', ')],
      ];
    default:
      return [];
  }
}

/** How a feature comes to its value: by an expression, over a window, or as a column has it. */
function madeOf({ expression, aggregation, column }: Extract<Resource, { __typename: 'Feature' }>): Fact[] {
  const text = (name: string, value: string | null): Fact[] =>
    value === null ? [] : [[name, <code key={name}>{value}</code>]];
  if (expression !== null) return text('Computed by', expression);
  if (aggregation === null) return text('Column', column);
  const { function: of, filter } = aggregation;
  return [
    ['Is', `${words(of)}${column === null ? ' of events' : ` of ${column}`}`],
    ['Window', windowText(aggregation)],
    ...text('Of events where', filter),
  ];
}

function viewFacts(of: Extract<Resource, { __typename: 'FeatureView' }>): Fact[] {
  const [latest] = of.materializations;
  return [
    ['Entity', link(of.entity)],
    ['Source', link(of.source)],
    ['Served from', link(of.onlineStore, 'nowhere: for training only')],
    ...(of.vectorStore ? [['Searched in', link(of.vectorStore)] as const] : []),
    ['Newest event', <Age key="watermark" at={latest?.watermark} />],
    ['Written', <Age key="written" at={latest?.writtenAt} />],
    ['TTL', of.ttl ?? 'none'],
    ['Schedule', of.schedule ?? 'none: by hand'],
    ['Event time', <code key="event">{of.eventTimestamp ?? 'always true'}</code>],
  ];
}
