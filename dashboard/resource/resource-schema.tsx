import { Link } from '@tanstack/react-router';
import type { ResourceLinkFragment } from '../generated/operations.ts';
import type { Column } from '../parts/column.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Section } from '../parts/page.tsx';
import { ResourceLink } from '../parts/resource-link.tsx';
import { Status, words } from '../parts/status.tsx';
import type { Resource } from './resource-facts.tsx';
import { windowText } from './window-text.ts';

type Typed<T extends Resource['__typename']> = Extract<Resource, { __typename: T }>;

/** What a resource is made of: keys, columns, features. */
export function ResourceSchema({ of }: { of: Resource }) {
  switch (of.__typename) {
    case 'Entity':
      return (
        <Section
          title="Join keys"
          aside={
            <Link to="/explore" search={{ entity: of.ref }} className="link">
              Look at one of them
            </Link>
          }
        >
          <DataTable label="Join keys" columns={joinKeys} rows={of.joinKeys} rowKey={({ name }) => name} />
        </Section>
      );
    case 'Source':
      return (
        <Section title="Columns">
          <DataTable label="Columns" columns={columns} rows={of.registeredColumns ?? []} rowKey={({ name }) => name} />
        </Section>
      );
    case 'FeatureView':
      return (
        <Section title="Features">
          <DataTable label="Features" columns={featureColumns(of)} rows={of.features} rowKey={({ name }) => name} />
        </Section>
      );
    case 'OnDemandFeatureView':
      return (
        <>
          <Section title="Features">
            <DataTable label="Features" columns={computed} rows={of.computed} rowKey={({ ref }) => ref} />
          </Section>
          <Section title="Inputs">
            <DataTable label="Inputs" columns={inputs} rows={of.inputs} rowKey={({ name }) => name} />
          </Section>
          <Section title="Values of the request">
            <DataTable label="Values of the request" columns={request} rows={of.request} rowKey={({ name }) => name} />
          </Section>
        </>
      );
    case 'Feature':
      return of.origins && of.origins.length > 0 ? (
        <Section title="Computed from">
          <DataTable
            label="Columns that it is computed from"
            columns={origins}
            rows={of.origins}
            rowKey={({ source, column }) => `${source.ref} ${column}`}
          />
        </Section>
      ) : null;
    case 'FeatureService':
      return <Selected title="What a model reads" rows={of.selected} />;
    case 'TrainingSet':
      return <Selected title="Features" rows={of.learnt} />;
    case 'Model':
      return (
        <>
          <Links title="Learns from" rows={of.trainingSets} />
          <Links title="Is served by" rows={of.featureServices} />
        </>
      );
    default:
      return null;
  }
}

const described = (text: string) => <span title={text}>{text}</span>;
const code = (text: string | null) => <code className="text-xs">{text ?? 'none that holds it'}</code>;

const joinKeys: Column<Typed<'Entity'>['joinKeys'][number]>[] = [
  { id: 'name', head: 'Name', cell: ({ name }) => name, sort: ({ name }) => name },
  { id: 'type', head: 'Type', cell: ({ type }) => code(type) },
  { id: 'field', head: 'Field in the graph', cell: ({ graphqlField }) => code(graphqlField) },
  { id: 'description', head: 'Description', cell: ({ description }) => described(description), isRest: true },
];

const columns: Column<NonNullable<Typed<'Source'>['registeredColumns']>[number]>[] = [
  { id: 'name', head: 'Name', cell: ({ name }) => name, sort: ({ name }) => name },
  { id: 'type', head: 'Type', cell: ({ type }) => code(type), sort: ({ type }) => type },
  { id: 'engine', head: 'In its store', cell: ({ engineType }) => code(engineType) },
  { id: 'null', head: 'Nulls', cell: ({ nullable }) => (nullable ? 'possible' : 'none') },
];

type TypedFeature = { kind: Resource['kind']; ref: string; name: string; type: string };

const namedAndTyped: Column<TypedFeature>[] = [
  {
    id: 'name',
    head: 'Name',
    cell: ({ kind, ref, name }) => <ResourceLink kind={kind} reference={ref} text={name} />,
    sort: ({ name }) => name,
  },
  { id: 'type', head: 'Type', cell: ({ type }) => code(type), sort: ({ type }) => type },
];

const features: Column<Typed<'FeatureView'>['features'][number]>[] = [
  ...namedAndTyped,
  { id: 'status', head: 'Status', cell: ({ status }) => <Status of={status} /> },
  { id: 'column', head: 'Column', cell: ({ column }) => (column === null ? '–' : code(column)) },
  { id: 'description', head: 'Description', cell: ({ description }) => described(description), isRest: true },
];

const computed: Column<Typed<'OnDemandFeatureView'>['computed'][number]>[] = [
  ...namedAndTyped,
  { id: 'expression', head: 'Computed by', cell: ({ expression }) => code(expression) },
  { id: 'description', head: 'Description', cell: ({ description }) => described(description), isRest: true },
];

const inputs: Column<Typed<'OnDemandFeatureView'>['inputs'][number]>[] = [
  { id: 'name', head: 'Name', cell: ({ name }) => code(name), sort: ({ name }) => name },
  {
    id: 'feature',
    head: 'Feature',
    cell: ({ feature }) => <ResourceLink kind={feature.kind} reference={feature.ref} />,
  },
  { id: 'type', head: 'Type', cell: ({ feature }) => code(feature.type) },
  { id: 'role', head: 'Role', cell: ({ role }) => role },
];

const request: Column<Typed<'OnDemandFeatureView'>['request'][number]>[] = [
  { id: 'name', head: 'Name', cell: ({ name }) => code(`request.${name}`), sort: ({ name }) => name },
  { id: 'type', head: 'Type', cell: ({ type }) => code(type) },
  { id: 'optional', head: 'May be left out', cell: ({ optional }) => (optional ? 'yes' : 'no') },
  { id: 'description', head: 'Description', cell: ({ description }) => described(description), isRest: true },
];

const origins: Column<NonNullable<Typed<'Feature'>['origins']>[number]>[] = [
  { id: 'source', head: 'Source', cell: ({ source }) => <ResourceLink kind={source.kind} reference={source.ref} /> },
  { id: 'column', head: 'Column', cell: ({ column }) => code(column) },
];

const windowed: Column<Typed<'FeatureView'>['features'][number]>[] = [
  { id: 'is', head: 'Is', cell: ({ aggregation }) => (aggregation ? words(aggregation.function) : 'the column') },
  { id: 'window', head: 'Window', cell: ({ aggregation }) => (aggregation ? code(windowText(aggregation)) : '–') },
];

/** Windows are said where there are any. */
function featureColumns(of: Typed<'FeatureView'>) {
  const hasWindows = of.features.some(({ aggregation }) => aggregation !== null);
  return hasWindows ? [...features.slice(0, 2), ...windowed, ...features.slice(2)] : features;
}

type SelectedFeature = Typed<'TrainingSet'>['learnt'][number];

const selected: Column<SelectedFeature>[] = [
  { id: 'name', head: 'Name', cell: ({ name }) => code(name), sort: ({ name }) => name },
  {
    id: 'feature',
    head: 'Feature',
    cell: ({ feature }) => <ResourceLink kind={feature.kind} reference={feature.ref} />,
    sort: ({ feature }) => feature.ref,
  },
  { id: 'type', head: 'Type', cell: ({ feature }) => code(feature.type), sort: ({ feature }) => feature.type },
  { id: 'role', head: 'Role', cell: ({ role }) => role, sort: ({ role }) => role },
  { id: 'lag', head: 'Lag', cell: ({ lag }) => lag ?? '–' },
  { id: 'status', head: 'Status', cell: ({ feature }) => <Status of={feature.status} /> },
];

function Selected({ title, rows }: { title: string; rows: readonly SelectedFeature[] }) {
  return (
    <Section title={title}>
      <DataTable label={title} columns={selected} rows={rows} rowKey={({ name }) => name} />
    </Section>
  );
}

function Links({ title, rows }: { title: string; rows: readonly ResourceLinkFragment[] }) {
  return (
    <Section title={title}>
      {rows.length === 0 ? <p className="text-soft">Nothing that is registered.</p> : null}
      <ul className="flex flex-wrap gap-x-4 gap-y-1">
        {rows.map(({ id, kind, ref }) => (
          <li key={id}>
            <ResourceLink kind={kind} reference={ref} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
