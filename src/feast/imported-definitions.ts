import { type ImportedRows, importedRows } from './imported-sources.ts';
import { importedType } from './imported-types.ts';
import { pushSourceProperty } from './online-request.ts';
import type {
  FeastField,
  FeastOnDemandView,
  FeastService,
  FeastSource,
  FeastView,
  RegistryDump,
} from './registry-dump.ts';

type Described = { name: string; description?: string; owner?: string; properties?: { key: string; value: string }[] };
type NamedType = { name: string; type: string; description?: string };

/** Definitions in the form that the graph takes. */
export type ImportedDefinition =
  | { entity: Described & { joinKeys: NamedType[] } }
  | { source: Described & ImportedRows }
  | {
      featureView: Described & {
        entity: string;
        source: string;
        eventTimestamp?: string;
        createdTimestamp?: string;
        ttl?: string;
        onlineStore?: null;
        features: (NamedType & { column?: string })[];
      };
    }
  | { featureService: Described & { features: { feature: string; role?: string; alias?: string }[] } };

/** What a registry of Feast is here, and in words what of it has no equal or is to be seen to. */
export type Imported = { definitions: ImportedDefinition[]; notes: string[] };

/** Feast writes its entities' types where it knows them; a view without entities has this one. */
const noEntity = '__dummy';

/** Turns what `feast registry-dump` prints into definitions. Providers are not in it: where rows are and where they are served is said apart. */
export function importedDefinitions(dump: RegistryDump): Imported {
  const notes: string[] = [];
  const views = [...dump.featureViews, ...dump.streamFeatureViews].map(({ spec }) => spec);
  for (const { spec } of dump.streamFeatureViews)
    notes.push(
      `stream feature view "${spec.name}": it is read from its batch source; its transformation is not taken over.`,
    );
  const entities = new Map<string, ImportedDefinition>();
  const sources = new Map<string, ImportedDefinition>();
  const importedViews = views.flatMap((view) => importedView(dump, view, entities, sources, notes));
  const known = new Map(views.map((view) => [view.name, view]));
  const services = dump.featureServices.flatMap(({ spec }) => importedService(spec, known, notes));
  noteTheRest(dump, notes);
  return { definitions: [...entities.values(), ...sources.values(), ...importedViews, ...services], notes };
}

function importedView(
  dump: RegistryDump,
  view: FeastView,
  entities: Map<string, ImportedDefinition>,
  sources: Map<string, ImportedDefinition>,
  notes: string[],
): ImportedDefinition[] {
  const what = `feature view "${view.name}"`;
  const entity = importedEntity(dump, view, entities, notes);
  const source = view.batchSource && importedSource(view.batchSource, sources, notes);
  if (entity === undefined) notes.push(`${what}: it has no entity, so there is nothing to look its values up by.`);
  else if (source === undefined) notes.push(`${what}: it has no source that is read.`);
  if (entity === undefined || source === undefined || view.batchSource === undefined) return [];
  const { timestampField, createdTimestampColumn, fieldMapping } = view.batchSource;
  const columns = new Map(Object.entries(fieldMapping).map(([column, name]) => [name, column]));
  const column = (name: string) => columns.get(name) ?? name;
  const seconds = Number(/^(\d+)s$/.exec(view.ttl)?.[1] ?? 0);
  const push: Record<string, string> =
    view.streamSource?.type === 'PUSH_SOURCE' ? { [pushSourceProperty]: view.streamSource.name } : {};
  if (view.streamSource !== undefined && view.streamSource.type !== 'PUSH_SOURCE')
    notes.push(`${what}: its stream "${view.streamSource.name}" is not read; push its rows.`);
  return [
    {
      featureView: {
        ...described({ ...view, tags: { ...view.tags, ...push } }, what, notes),
        entity,
        source,
        ...(timestampField !== '' && { eventTimestamp: column(timestampField) }),
        ...(createdTimestampColumn !== '' && { createdTimestamp: column(createdTimestampColumn) }),
        ...(seconds > 0 && { ttl: `${seconds}s` }),
        ...(!view.online && { onlineStore: null }),
        features: view.features.flatMap((feature) => importedFeature(feature, column, what, notes)),
      },
    },
  ];
}

function importedFeature(feature: FeastField, columnOf: (name: string) => string, what: string, notes: string[]) {
  const type = importedType(feature);
  if (type === undefined) notes.push(`${what}: feature "${feature.name}" is ${feature.valueType}, which has no equal.`);
  if (type === undefined) return [];
  const name = ownName(feature.name, `${what}: feature`, notes);
  const column = columnOf(feature.name);
  const description = feature.description === '' ? {} : { description: feature.description };
  return [{ name, type, ...(column !== name && { column }), ...description }];
}

/** Feast's entities have one key each: a view of several is one of an entity with all of their keys. */
function importedEntity(
  dump: RegistryDump,
  view: FeastView,
  entities: Map<string, ImportedDefinition>,
  notes: string[],
): string | undefined {
  const own = dump.entities.filter(({ spec }) => view.entities.includes(spec.name) && spec.name !== noEntity);
  const specs = own.map(({ spec }) => spec);
  const [first] = specs;
  if (first === undefined) return undefined;
  const written = specs.map(({ name }) => name).join('_');
  const name = ownName(written, 'entity', entities.has(written) ? [] : notes);
  if (entities.has(written)) return name;
  const joinKeys = specs.map(({ joinKey, name: entity, valueType }) => {
    const key = joinKey === '' ? entity : joinKey;
    const column = view.entityColumns.find((one) => one.name === key);
    const type = importedType({ ...unindexed, name: key, valueType }) ?? (column && importedType(column));
    if (type === undefined)
      notes.push(`entity "${entity}": the type of "${key}" is not known; it is taken for a STRING.`);
    return { name: key, type: type ?? 'STRING' };
  });
  if (specs.length > 1) notes.push(`entity "${name}" is made of ${specs.map((one) => `"${one.name}"`).join(' and ')}.`);
  const words = specs.length === 1 ? described(first, `entity "${first.name}"`, []) : { name };
  entities.set(written, { entity: { ...words, name, joinKeys } });
  return name;
}

const unindexed = { description: '', tags: {}, vectorIndex: false, vectorLength: 0, vectorSearchMetric: '' };

function importedSource(
  source: FeastSource,
  sources: Map<string, ImportedDefinition>,
  notes: string[],
): string | undefined {
  const written = source.name === '' ? 'source' : source.name;
  const name = ownName(
    written.replace(/^.*\//, '').replace(/\.\w+$/, ''),
    'data source',
    sources.has(written) ? [] : notes,
  );
  if (sources.has(written)) return name;
  const rows = importedRows(source, notes);
  if (rows === undefined) return undefined;
  sources.set(written, { source: { name, ...rows } });
  return name;
}

function importedService(
  service: FeastService,
  views: ReadonlyMap<string, FeastView>,
  notes: string[],
): ImportedDefinition[] {
  const what = `feature service "${service.name}"`;
  const used = new Set<string>();
  const features = service.features.flatMap((projection) => {
    if (!views.has(projection.featureViewName)) {
      notes.push(`${what}: "${projection.featureViewName}" is computed on demand, which has no equal.`);
      return [];
    }
    const role = roleOf(projection);
    if (role !== undefined)
      notes.push(`${what}: the keys of "${projection.featureViewName}" are those of the role "${role}".`);
    return projection.featureColumns.map(({ name }) => {
      const taken = role === undefined && used.has(name);
      if (role === undefined) used.add(name);
      return {
        feature: `${ownName(projection.featureViewName, '', [])}:${ownName(name, '', [])}`,
        ...(role !== undefined && { role }),
        ...(taken && { alias: ownName(`${projection.featureViewName}_${name}`, '', []) }),
      };
    });
  });
  if (features.length === 0) notes.push(`${what}: nothing is left of it.`);
  return features.length === 0 ? [] : [{ featureService: { ...described(service, what, notes), features } }];
}

/** The part in which a view is used whose keys have other names in a service: as `origin` of `{ location_id: origin_id }`. */
function roleOf({ featureViewNameAlias, joinKeyMap }: FeastService['features'][number]): string | undefined {
  const [renamed] = Object.entries(joinKeyMap);
  if (renamed === undefined) return featureViewNameAlias === '' ? undefined : ownName(featureViewNameAlias, '', []);
  const [key, name] = renamed;
  const short = name.endsWith(`_${key}`) ? name.slice(0, -key.length - 1) : name.replace(/_id$/, '');
  return ownName(short, '', []);
}

function described(
  {
    name,
    description,
    owner,
    tags,
  }: { name: string; description: string; owner: string; tags: Record<string, string> },
  what: string,
  notes: string[],
): Described {
  const properties = Object.entries(tags).map(([key, value]) => ({ key, value }));
  return {
    name: ownName(name, what.replace(/ ".*$/, ''), notes),
    ...(description !== '' && { description }),
    ...(owner !== '' && { owner }),
    ...(properties.length > 0 && { properties }),
  };
}

/** Names are letters, digits and single underscores here, since the graph has them as its own. */
function ownName(name: string, what: string, notes: string[]): string {
  const own = name
    .replaceAll(/\W/g, '_')
    .replaceAll(/_{2,}/g, '_')
    .replace(/^(?=\d)/, 'n')
    .replace(/^_/, '')
    .slice(0, 63);
  if (own !== name) notes.push(`${what} "${name}" is called "${own}".`);
  return own;
}

function noteTheRest(dump: RegistryDump, notes: string[]): void {
  for (const { spec } of dump.onDemandFeatureViews) notes.push(onDemandNote(spec));
  for (const { spec } of dump.permissions) notes.push(`permission "${spec.name}": grant a role instead.`);
  for (const { spec } of dump.savedDatasets)
    notes.push(`saved dataset "${spec.name}": retrieve it anew, under a name.`);
  for (const { name } of dump.validationReferences) notes.push(`validation reference "${name}" has no equal.`);
}

/** All that an `onDemandFeatureView` needs but the expressions, which are a function in Python there. */
function onDemandNote({ name, features, sources }: FeastOnDemandView): string {
  const all = Object.values(sources);
  const inputs = all.flatMap(({ featureViewProjection: view }) =>
    (view?.featureColumns ?? []).map((column) => `${view?.featureViewName}:${column.name}`),
  );
  const typed = (column: FeastField) => {
    const type = importedType(column);
    return type === undefined ? column.name : `${column.name} (${type})`;
  };
  const request = all
    .flatMap(({ requestDataSource }) => requestDataSource?.requestDataOptions?.schema ?? [])
    .map(typed);
  const said = [
    ...(inputs.length === 0 ? [] : [`of ${inputs.join(', ')}`]),
    ...(request.length === 0 ? [] : [`of the request's ${request.join(', ')}`]),
  ];
  return `on-demand feature view "${name}": its function in Python is not taken over; write an onDemandFeatureView${said.length === 0 ? '' : `, ${said.join(' and ')}`}, with an expression of CEL for ${features.map(typed).join(', ')}.`;
}
