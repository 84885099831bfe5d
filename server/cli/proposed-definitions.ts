import { basename, dirname } from 'node:path';
import { Failure } from '../../providers/contract/failure.ts';
import type { FilesRelation } from '../../providers/contract/relation.ts';
import type { ValueType } from '../../providers/contract/value-type.ts';
import { quoted } from '../source-text.ts';
import type { Roles, Typed } from './guessed-columns.ts';
import { joined, type Named, namedColumns, VariableNames, wordsIn } from './proposed-names.ts';

const formats: Readonly<Record<string, FilesRelation['format']>> = {
  parquet: 'PARQUET',
  csv: 'CSV',
  tsv: 'CSV',
  json: 'JSON',
  jsonl: 'JSON',
  ndjson: 'JSON',
};

export function formatOf(file: string): FilesRelation['format'] {
  const format = formats[endingOf(file)];
  if (format !== undefined) return format;
  throw new Failure(
    'UNSUPPORTED',
    `${file} is none of the files that can be read: .csv, .tsv, .parquet, .json, .jsonl.`,
  );
}

export function isReadable(file: string): boolean {
  return Object.hasOwn(formats, endingOf(file));
}

function endingOf(file: string): string {
  return /\.(\w+)(?:\.gz|\.zst)?$/.exec(file)?.[1]?.toLowerCase() ?? '';
}

/** The builder of a type. */
function builderOf(type: ValueType): string {
  if (type.kind === 'MAP') throw new TypeError('no column of a source is a map');
  if (type.kind === 'VECTOR') return `vector(${type.dimensions}, '${type.metric}')`;
  return type.kind === 'ARRAY' ? `list(${type.element.toLowerCase()}())` : `${type.name.toLowerCase()}()`;
}

/** What the rows speak of: what their key is the id of. */
function entityNameFrom(keys: readonly Typed[], base: string): string {
  const names = keys.map(({ name }) => wordsIn(name.replace(/[_\s-]?id$/i, '')).toLowerCase());
  return joined(names.filter((name) => name !== '')) || base.replace(/(?<=.)s$/, '');
}

/** What a file is called, or of many what their directory is. */
function baseNameOf(file: string): string {
  const parts = [dirname(file), basename(file).replace(/\..*$/, '')].join('/').split('/');
  const names = parts.map((part) => wordsIn(part).toLowerCase());
  return names.findLast((name) => name !== '') ?? 'rows';
}

/** A definitions file for the rows of a file: an entity, a view of its features, and a service of these. */
export function proposedDefinitions(file: string, roles: Roles): string {
  const { time } = roles;
  const { keys, features } = namedColumns(roles);
  const base = baseNameOf(file);
  const entity = entityNameFrom(roles.keys, base);
  const imported = importsOf(roles);
  const variables = new VariableNames(imported);
  const entityVariable = variables.next(entity, 'Entity');
  const rows = variables.next(`${base}_rows`);
  const view = variables.next(`${base}_view`);
  const joinKeys = keys.map(({ name, column }) => `${name}: ${builderOf(column.type)}`).join(', ');
  return `import { ${imported.join(', ')} } from '@featuregraph/client';

/** Whom the features describe. */
export const ${entityVariable} = entity('${entity}', { ${joinKeys} });

/** Where their rows are. */
export const ${rows} = files('${base}', ${quoted(file)});

/** What is known of each, as of each row${time === undefined ? '' : "'s time"}. */
export const ${view} = featureView('${joined([entity, base])}', {
  entity: ${entityVariable},
  source: ${rows},${keyColumnsText(keys)}${time === undefined ? '' : `\n  eventTimestamp: ${quoted(time.name)},`}
  features: {
${features.map(featureText).join('\n')}
  },
});

/** What a model reads. */
export const ${variables.next(`${base}_service`)} = featureService('${base}', [
${features.map(({ name }) => `  ${view}.${name},`).join('\n')}
]);
`;
}

/** The builders that the definitions are made with. */
function importsOf({ keys, features }: Roles): string[] {
  const ofTypes = [...features, ...keys].flatMap(({ type }) => builderOf(type).match(/[a-z]\w*(?=\()/g) ?? []);
  return [...new Set(['entity', 'featureService', 'featureView', 'files', ...ofTypes])].toSorted();
}

/** Which column holds which join key, where a column has a name that no join key can have. */
function keyColumnsText(keys: readonly Named[]): string {
  const renamed = keys.filter(({ name, column }) => name !== column.name);
  if (renamed.length === 0) return '';
  return `\n  joinKeys: { ${renamed.map(({ name, column }) => `${name}: ${quoted(column.name)}`).join(', ')} },`;
}

function featureText({ name, column }: Named): string {
  const builder = builderOf(column.type);
  if (name === column.name) return `    ${name}: ${builder},`;
  const open = builder.slice(0, -1);
  return `    ${name}: ${open}${open.endsWith('(') ? '' : ', '}undefined, { column: ${quoted(column.name)} }),`;
}
