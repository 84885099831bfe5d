import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import type { FileColumn, FilesRelation } from '../../contract/relation.ts';
import { formatValueType, type ValueType } from '../../contract/value-type.ts';
import { quoteIdentifier } from '../../sql/quoting.ts';
import { valueTypeOf } from '../duckdb-types.ts';
import { type DataFile, pathList } from './data-files.ts';
import {
  agreeOnNames,
  isPartition,
  missing,
  notOfType,
  partitionColumns,
  partitionOptions,
  partitionReadings,
  readerOptions,
} from './file-columns.ts';
import {
  type ColumnReading,
  engineTypeOf,
  type FileReading,
  type FileTools,
  type FormatReader,
  onceACall,
} from './file-reading.ts';
import { finerThanMicroseconds } from './int96.ts';
import { type Misfit, misfitFailure } from './misfit.ts';

export const parquetFiles: FormatReader = { name: 'read_parquet', decide, inspect };

type FileField = { name: string; type: DuckDBType };

async function decide(files: readonly DataFile[], declared: FilesRelation, tools: FileTools): Promise<FilesRelation> {
  const fields = new Map<DataFile, FileField[]>();
  for (const file of files) fields.set(file, await fieldsOf(file, tools));
  const names = agreeOnNames(new Map([...fields].map(([file, own]) => [file, own.map(({ name }) => name)])), declared);
  const columns = names.map((name) => {
    const said = declared.columns?.find((column) => column.name === name);
    return said?.type === undefined ? agreeOnType(name, fields) : asDeclared(said, fields);
  });
  const partitions = await partitionColumns(files, declared, names, tools);
  return { ...declared, columns: [...columns, ...partitions] };
}

/** The type that all files give a column, or the wider one of two that hold the same values. */
function agreeOnType(name: string, fields: ReadonlyMap<DataFile, readonly FileField[]>): FileColumn {
  let agreed: { column: FileColumn; file: DataFile } | undefined;
  for (const [file, own] of fields) {
    const type = own.find((field) => field.name === name)?.type;
    if (type === undefined) continue;
    const column = columnOf(name, type);
    const wider = agreed === undefined ? column : widerOf(agreed.column, column);
    if (wider === undefined) throw misfitFailure(otherType(file, column, agreed?.column ?? column, agreed?.file));
    agreed = { column: wider, file: agreed?.file ?? file };
  }
  return agreed?.column ?? { name };
}

/** With the type of the first file, where it is that file's type which is converted. */
function asDeclared(column: FileColumn, fields: ReadonlyMap<DataFile, readonly FileField[]>): FileColumn {
  const [own] = fields.values();
  const engine = own?.find((field) => field.name === column.name)?.type;
  const has = engine === undefined ? column : columnOf(column.name, engine);
  return typeInWords(has) === typeInWords(column) ? column : { ...column, engineType: typeInWords(has) };
}

function columnOf(name: string, engine: DuckDBType): FileColumn {
  const type = valueTypeOf(engine);
  return type === undefined ? { name, engineType: engine.toString() } : { name, type };
}

/** A type, and those whose every value it holds. */
const widens: Readonly<Record<string, readonly string[]>> = {
  INT64: ['INT32'],
  FLOAT64: ['FLOAT32'],
  'INT64[]': ['INT32[]'],
  'FLOAT64[]': ['FLOAT32[]'],
};

function widerOf(left: FileColumn, right: FileColumn): FileColumn | undefined {
  const [one, other] = [typeInWords(left), typeInWords(right)];
  if (one === other || widens[one]?.includes(other)) return left;
  return widens[other]?.includes(one) ? right : undefined;
}

function typeInWords({ type, engineType = '' }: FileColumn): string {
  return type === undefined ? engineType : formatValueType(type);
}

function otherType(file: DataFile, has: FileColumn, wanted: FileColumn, other?: DataFile): Misfit {
  const message = `the column is ${typeInWords(has)} here, and ${typeInWords(wanted)} in ${other?.name ?? 'the source'}`;
  const fix = 'Write all files with the same types (pandas: Int64 for whole numbers that may be null), or declare one.';
  return { file: file.name, column: has.name, message, fix };
}

/** Bound by the engine from the file's own schema. */
function fieldsOf(file: DataFile, tools: FileTools): Promise<FileField[]> {
  return onceACall(tools, `fields ${file.path}`, async () => {
    const { session } = tools;
    return session.guard({}, async () => {
      const statement = await session.connection.prepare(
        `SELECT * FROM read_parquet(${pathList([file.path])}, ${readerOptions(partitionOptions({}))})`,
      );
      try {
        return Array.from({ length: statement.columnCount }, (_, at) => {
          return { name: statement.columnName(at), type: statement.columnType(at) };
        });
      } finally {
        statement.destroySync();
      }
    });
  });
}

async function inspect(file: DataFile, decided: FilesRelation, tools: FileTools): Promise<FileReading> {
  const fields = await fieldsOf(file, tools);
  const own = (decided.columns ?? []).filter(({ name }) => !isPartition(decided, [file], name));
  const finer = await finerThanMicroseconds(file, tools);
  const columns: ColumnReading[] = [];
  for (const column of own) {
    const field = fields.find(({ name }) => name === column.name);
    const misfit = finer.get(column.name);
    if (field === undefined) columns.push({ column, misfit: missing(file, column), has: undefined });
    else if (misfit !== undefined) columns.push({ column, misfit });
    else columns.push(await readingOf(file, column, field.type, tools));
  }
  columns.push(...(await partitionReadings(file, decided, tools)));
  return { path: file.path, options: readerOptions(partitionOptions(decided)), columns };
}

async function readingOf(
  file: DataFile,
  column: FileColumn,
  engine: DuckDBType,
  tools: FileTools,
): Promise<ColumnReading> {
  const name = quoteIdentifier(column.name);
  const has = columnOf(column.name, engine);
  if (typeInWords(has) === typeInWords(column)) return { column, sql: name };
  const converted = `CAST(${name} AS ${engineTypeOf(column)})`;
  const reading = { column, ...(column.engineType === undefined && { has }) };
  if (widens[typeInWords(column)]?.includes(typeInWords(has))) return { ...reading, sql: converted };
  if (column.type === undefined || !mayConvert(engine, column.type)) {
    return { ...reading, misfit: otherType(file, has, column) };
  }
  const misfit = await findInexact(file, column, engine, tools);
  return misfit === undefined ? { ...reading, sql: converted } : { ...reading, misfit };
}

const wholeNumbers = [
  ...[DuckDBTypeId.TINYINT, DuckDBTypeId.SMALLINT, DuckDBTypeId.INTEGER, DuckDBTypeId.BIGINT, DuckDBTypeId.HUGEINT],
  ...[
    DuckDBTypeId.UTINYINT,
    DuckDBTypeId.USMALLINT,
    DuckDBTypeId.UINTEGER,
    DuckDBTypeId.UBIGINT,
    DuckDBTypeId.UHUGEINT,
  ],
];

/** Types whose values may be those of the declared one; a file in which all are is read so. */
const convertible: Readonly<Record<string, readonly DuckDBTypeId[]>> = {
  INT32: wholeNumbers,
  INT64: wholeNumbers,
  FLOAT32: [...wholeNumbers, DuckDBTypeId.DECIMAL],
  FLOAT64: [...wholeNumbers, DuckDBTypeId.DECIMAL],
  TIMESTAMP: [DuckDBTypeId.DATE, DuckDBTypeId.TIMESTAMP_NS],
};

function mayConvert(from: DuckDBType, to: ValueType): boolean {
  return to.kind === 'SCALAR' && convertible[to.name]?.includes(from.typeId) === true;
}

/** The first value that the declared type does not give back as it was. */
async function findInexact(
  file: DataFile,
  column: FileColumn,
  engine: DuckDBType,
  { session, watch }: FileTools,
): Promise<Misfit | undefined> {
  const name = quoteIdentifier(column.name);
  const back = `TRY_CAST(TRY_CAST(value AS ${engineTypeOf(column)}) AS ${engine.toString()})`;
  const [row] = await session.run(
    `SELECT row, CAST(value AS VARCHAR) FROM (SELECT row_number() OVER () AS row, ${name} AS value FROM ` +
      `read_parquet(${pathList([file.path])}, ${readerOptions(partitionOptions({}))})) WHERE value IS NOT NULL AND ` +
      `${back} IS DISTINCT FROM value ORDER BY row LIMIT 1`,
    watch,
  );
  return row && { file: file.name, row: Number(row[0]), column: column.name, ...notOfType(column, String(row[1])) };
}
