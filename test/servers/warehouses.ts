import type { DefinitionInput } from '@featuregraph/client';
import type { postgresForTests } from './postgres.ts';

/** An offline store that the same definitions are tried on: sources are SQL over nothing, so any engine has them. */
export type Warehouse = {
  name: string;
  skip: string | false;
  provider: DefinitionInput;
  /** What the server must be started with. */
  variables: Record<string, string>;
  nulInText: boolean;
};

export function warehouses(postgres: Awaited<ReturnType<typeof postgresForTests>>): Warehouse[] {
  const provider = (config: object) => ({ provider: { name: 'warehouse', config } }) as DefinitionInput;
  return [
    {
      name: 'DuckDB',
      skip: false,
      provider: provider({ duckdb: { threads: 1 } }),
      variables: {},
      nulInText: true,
    },
    {
      name: 'PostgreSQL',
      skip: 'skip' in postgres ? postgres.skip : false,
      provider: provider({ postgres: { url: { env: 'FEATUREGRAPH_SECRET_WAREHOUSE' } } }),
      variables: { FEATUREGRAPH_SECRET_WAREHOUSE: 'url' in postgres ? postgres.url : '' },
      nulInText: false,
    },
  ];
}

/** A source of rows that are written in SQL, its columns each as `name type`. */
export function madeSource(name: string, columns: readonly string[], rows: readonly string[]): DefinitionInput {
  const typed = columns.map((column) => {
    const [, own = '', type = ''] = /^(\S+) (.+)$/.exec(column) ?? [];
    return { own: `"${own}"`, type };
  });
  const cast = typed.map(({ own, type }) => `CAST(${own} AS ${type}) AS ${own}`).join(', ');
  const values = rows.map((row) => `(${row})`).join(', ');
  const sql = `SELECT ${cast} FROM (VALUES ${values}) AS made (${typed.map(({ own }) => own).join(', ')})`;
  return { source: { name, transformation: { sql, as: 'VIEW' } } };
}
