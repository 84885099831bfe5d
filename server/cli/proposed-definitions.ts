import { basename } from 'node:path';
import { Failure } from '../../providers/contract/failure.ts';
import type { FileColumn, FilesRelation } from '../../providers/contract/relation.ts';
import type { ValueType } from '../../providers/contract/value-type.ts';

const formats: Readonly<Record<string, FilesRelation['format']>> = {
  parquet: 'PARQUET',
  csv: 'CSV',
  tsv: 'CSV',
  json: 'JSON',
  jsonl: 'JSON',
  ndjson: 'JSON',
};

export function formatOf(file: string): FilesRelation['format'] {
  const ending = /\.(\w+)(?:\.gz|\.zst)?$/.exec(file)?.[1] ?? '';
  const format = formats[ending.toLowerCase()];
  if (format !== undefined) return format;
  throw new Failure(
    'UNSUPPORTED',
    `${file} is none of the files that can be read: .csv, .tsv, .parquet, .json, .jsonl.`,
  );
}

/** The builder of a type; undefined for what none of ours holds. */
function builderOf(type: ValueType | undefined): string | undefined {
  if (type === undefined || type.kind === 'VECTOR') return undefined;
  return type.kind === 'ARRAY' ? `list(${type.element.toLowerCase()}())` : `${type.name.toLowerCase()}()`;
}

type Typed = { name: string; builder: string; type: ValueType };

/** A name that a definition can have: columns are called what they like. */
function nameFrom(text: string): string {
  const name = text.replaceAll(/[^A-Za-z0-9]+/g, '_').replaceAll(/^[_0-9]+|_+$/g, '');
  return name === '' ? 'column' : name.slice(0, 63);
}

const keyTypes = ['INT64', 'INT32', 'STRING'];

/** What rows are keyed by: the first column that is called an id, otherwise the first that can be a key. */
function keyAmong(columns: readonly Typed[]): Typed {
  const able = columns.filter(({ type }) => type.kind === 'SCALAR' && keyTypes.includes(type.name));
  const key = able.find(({ name }) => /(^|_)id$/i.test(name)) ?? able[0];
  if (key !== undefined) return key;
  throw new Failure('UNSUPPORTED', 'No column can be a key: one of whole numbers or text is needed.');
}

/** A definitions file for the rows of a file: an entity, a view of all other columns, and a service of these. */
export function proposedDefinitions(file: string, found: readonly FileColumn[]): string {
  const columns = found.flatMap(({ name, type }): Typed[] => {
    const builder = builderOf(type);
    return builder === undefined || type === undefined ? [] : [{ name, builder, type }];
  });
  const key = keyAmong(columns);
  const time = columns.find(({ type }) => type.kind === 'SCALAR' && type.name === 'TIMESTAMP');
  const base = nameFrom(basename(file).replace(/\..*$/, '')).toLowerCase();
  const entity = nameFrom(key.name.replace(/_?id$/i, '')).toLowerCase();
  const entityName = entity === 'column' ? base.replace(/s$/, '') : entity;
  const features = columns.filter((column) => column !== key && column !== time);
  if (features.length === 0) throw new Failure('UNSUPPORTED', `${file} has no column besides its key and its time.`);
  const joinKey = nameFrom(key.name);
  const used = [...new Set([...features, key].flatMap(({ builder }) => builder.match(/[a-z]\w*(?=\()/g) ?? []))];
  const names = ['entity', 'featureService', 'featureView', 'files', ...used].toSorted().join(', ');
  const written = features.map(({ name, builder }) => {
    const own = nameFrom(name);
    const open = builder.slice(0, -1);
    const column = `undefined, { column: ${quoted(name)} })`;
    const call = own === name ? builder : `${open}${open.endsWith('(') ? '' : ', '}${column}`;
    return `    ${own}: ${call},`;
  });
  return `import { ${names} } from '@featuregraph/client';

/** Whom the features describe. */
export const ${variableOf(entityName)} = entity('${entityName}', { ${joinKey}: ${key.builder} });

/** Where their rows are. */
export const ${variableOf(`${base}_rows`)} = files('${base}', ${quoted(file)});

/** What is known of each, as of each row${time === undefined ? '' : "'s time"}. */
export const ${variableOf(`${base}_view`)} = featureView('${entityName}_${base}', {
  entity: ${variableOf(entityName)},
  source: ${variableOf(`${base}_rows`)},${joinKey === key.name ? '' : `\n  joinKeys: { ${joinKey}: ${quoted(key.name)} },`}${time === undefined ? '' : `\n  eventTimestamp: ${quoted(time.name)},`}
  features: {
${written.join('\n')}
  },
});

/** What a model reads. */
export const ${variableOf(`${base}_service`)} = featureService('${base}', [
${features.map(({ name }) => `  ${variableOf(`${base}_view`)}.${nameFrom(name)},`).join('\n')}
]);
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function variableOf(name: string): string {
  return name.replaceAll(/_([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
}
