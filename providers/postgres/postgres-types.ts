import type pg from 'pg';
import type { Column } from '../contract/offline-store.ts';
import { type ScalarName, scalar, scalarTypes, type ValueType } from '../contract/value-type.ts';
import type { PostgresSession } from './postgres-connections.ts';

/** Our scalar for each of PostgreSQL's types that it holds exactly, by name in `pg_type`. */
const scalarByName: ReadonlyMap<string, ScalarName> = new Map([
  ['bool', 'BOOL'],
  ['int2', 'INT32'],
  ['int4', 'INT32'],
  ['int8', 'INT64'],
  ['float4', 'FLOAT32'],
  ['float8', 'FLOAT64'],
  ['text', 'STRING'],
  ['varchar', 'STRING'],
  // Trailing blanks mean nothing in a CHAR(n), and are left out.
  ['bpchar', 'STRING'],
  ['name', 'STRING'],
  ['uuid', 'STRING'],
  ['bytea', 'BYTES'],
  ['date', 'DATE'],
  ['timestamp', 'TIMESTAMP'],
  ['timestamptz', 'TIMESTAMP'],
]);

/** The columns that a statement answers with, described by the server's catalog. Enums are texts. */
export async function describeColumns(fields: readonly pg.FieldDef[], session: PostgresSession): Promise<Column[]> {
  const types = fields.map(({ dataTypeID }) => dataTypeID);
  const modifiers = fields.map(({ dataTypeModifier }) => dataTypeModifier);
  const { rows } = await session.run(
    `SELECT format_type(type.oid, asked.modifier), type.typname, type.typtype, element.typname, element.typtype
     FROM unnest($1::oid[], $2::int4[]) WITH ORDINALITY AS asked (oid, modifier, position)
     JOIN pg_catalog.pg_type AS type ON type.oid = asked.oid
     LEFT JOIN pg_catalog.pg_type AS element ON element.oid = type.typelem AND type.typcategory = 'A'
     ORDER BY asked.position`,
    {},
    [types, modifiers],
  );
  return fields.map(({ name }, index) => {
    const [engineType = '', type = null, kind = null, element = null, elementKind = null] = rows[index] ?? [];
    const valueType = element === null ? valueTypeOf(type, kind) : arrayOf(element, elementKind);
    return { name, type: valueType, engineType: engineType ?? '', nullable: true };
  });
}

function valueTypeOf(type: string | null, kind: string | null): ValueType | undefined {
  // pgvector's own type: single-precision numbers.
  if (type === 'vector') return { kind: 'ARRAY', element: 'FLOAT32' };
  const name = kind === 'e' ? 'STRING' : scalarByName.get(type ?? '');
  return name === undefined ? undefined : scalar(name);
}

function arrayOf(element: string, kind: string | null): ValueType | undefined {
  const name = kind === 'e' ? 'STRING' : scalarByName.get(element);
  return name === undefined ? undefined : { kind: 'ARRAY', element: name };
}

/** The type that values of ours are stored in: the canonical one. A vector is an array of `real`. */
export function postgresTypeOf(type: ValueType): string {
  switch (type.kind) {
    case 'SCALAR':
      return scalarTypes[type.name].postgres;
    case 'ARRAY':
      return `${scalarTypes[type.element].postgres}[]`;
    case 'VECTOR':
      return 'real[]';
    case 'MAP':
      return 'json';
  }
}

/** As `format_type` spells it, to tell whether a column is canonical already. */
export function isCanonical({ type, engineType }: Column): boolean {
  if (type === undefined) return false;
  return engineType.replaceAll('timestamp with time zone', 'timestamptz') === postgresTypeOf(type);
}
