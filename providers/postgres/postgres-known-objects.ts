import { z } from 'zod';
import type { PostgresSession, TextRow } from './postgres-connections.ts';
import { type TreeObjects, treeObjects } from './postgres-node-tree.ts';

/** Objects that the server makes for a new cluster have smaller numbers; what somebody created later has greater ones. */
const firstCreated = 16_384;

/** What the server's catalog has of an object that a query can use, and the objects that using it uses. */
export type KnownFunction = z.output<typeof functionRow> & { own: boolean; uses: TreeObjects };
export type KnownOperator = z.output<typeof operatorRow>;
export type KnownType = z.output<typeof typeRow> & { own: boolean; uses: TreeObjects };

const truth = z.string().transform((text) => text === 't');
const ids = z.string().transform((text) => text.split(' ').filter(Boolean).map(Number));
const id = z.coerce.number();

const functionRow = z.object({
  id,
  name: z.string(),
  schema: z.string(),
  /** Found without its schema. */
  visible: truth,
  /** `f`unction, `a`ggregate, `w`indow function or `p`rocedure. */
  kind: z.string(),
  /** `i`mmutable, `s`table or `v`olatile. */
  volatility: z.string(),
  /** It runs with the rights of its owner, whoever calls it. */
  definer: truth,
  extension: z.string(),
  fewest: z.coerce.number(),
  most: z.coerce.number(),
  /** Of its arguments and of its answer. */
  types: ids,
  /** Of an aggregate: the functions that it is made of. */
  parts: ids,
  defaults: z.string(),
});

const operatorRow = z.object({ id, name: z.string(), visible: truth, calls: id });

const typeRow = z.object({
  id,
  name: z.string(),
  schema: z.string(),
  /** `b`ase, `c`omposite, `d`omain, `e`num, `p`seudo, `r`ange or `m`ultirange. */
  kind: z.string(),
  /** Of a composite: `c` where it is nothing else, as `r` where it is a table's rows. */
  relation: z.string(),
  /** Elements, fields, what a domain or a range is over. */
  types: ids,
  /** Of a range. */
  functions: ids,
  checks: z.string(),
});

/** What one session's server has of functions, operators and types: asked once, and kept as long as the object is. */
export class KnownObjects {
  readonly #session: PostgresSession;
  readonly #functions = new Map<number, KnownFunction>();
  readonly #operators = new Map<number, KnownOperator>();
  readonly #types = new Map<number, KnownType>();

  constructor(session: PostgresSession) {
    this.#session = session;
  }

  function(id: number): KnownFunction | undefined {
    return this.#functions.get(id);
  }

  operator(id: number): KnownOperator | undefined {
    return this.#operators.get(id);
  }

  type(id: number): KnownType | undefined {
    return this.#types.get(id);
  }

  functionsNamed(name: string): KnownFunction[] {
    return [...this.#functions.values()].filter((one) => one.name === name);
  }

  operatorsNamed(name: string): KnownOperator[] {
    return [...this.#operators.values()].filter((one) => one.name === name);
  }

  /** Asks for all functions and operators of these names, and for what they use. */
  async learnNamed(functions: readonly string[], operators: readonly string[]): Promise<void> {
    if (functions.length > 0) await this.#ask(functionSql('proname = ANY($1)'), functions, (row) => this.#keep(row));
    if (operators.length > 0)
      await this.#ask(operatorSql('oprname = ANY($1)'), operators, (row) => this.#keepOperator(row));
    const known = [...this.#functions.values()];
    await this.learn({
      functions: [...this.#operators.values()].map(({ calls }) => calls).concat(known.flatMap(({ parts }) => parts)),
      operators: known.flatMap(({ uses }) => uses.operators),
      types: known.flatMap(({ types, uses }) => [...types, ...uses.types]),
    });
  }

  /** Asks for objects, and for all that they use in their turn. */
  async learn(asked: TreeObjects): Promise<void> {
    let missing = this.#missing(asked);
    while (missing.functions.length + missing.operators.length + missing.types.length > 0) {
      const next: TreeObjects = { functions: [], operators: [], types: [] };
      if (missing.operators.length > 0)
        await this.#ask(operatorSql('operator.oid = ANY($1)'), missing.operators, (row) => {
          next.functions.push(this.#keepOperator(row).calls);
        });
      if (missing.functions.length > 0)
        await this.#ask(functionSql('function.oid = ANY($1)'), missing.functions, (row) => {
          addUses(next, this.#keep(row).uses);
        });
      if (missing.types.length > 0)
        await this.#ask(typeSql, missing.types, (row) => addUses(next, this.#keepType(row).uses));
      missing = this.#missing(next);
    }
  }

  /** The ids of types by how they are written, as parts of a name; undefined for those that there are not. */
  async typesNamed(paths: readonly (readonly string[])[]): Promise<(number | undefined)[]> {
    if (paths.length === 0) return [];
    const written = paths.map((path) => path.map((part) => `"${part.replaceAll('"', '""')}"`).join('.'));
    const { rows } = await this.#session.run(
      'SELECT to_regtype(name)::oid FROM unnest($1::text[]) WITH ORDINALITY AS asked (name, at) ORDER BY at',
      {},
      [written],
    );
    const found = rows.map(([type]) => (type === null || type === undefined ? undefined : Number(type)));
    await this.learn({ functions: [], operators: [], types: found.filter((type) => type !== undefined) });
    return found;
  }

  async #ask(sql: string, asked: readonly (string | number)[], keep: (row: TextRow) => void): Promise<void> {
    const { rows } = await this.#session.run(sql, {}, [[...new Set(asked)]]);
    for (const row of rows) keep(row);
  }

  #missing({ functions, operators, types }: TreeObjects): TreeObjects {
    return {
      functions: functions.filter((one) => one > 0 && !this.#functions.has(one)),
      operators: operators.filter((one) => one > 0 && !this.#operators.has(one)),
      types: types.filter((one) => one > 0 && !this.#types.has(one)),
    };
  }

  #keep(row: TextRow): KnownFunction {
    const read = readRow(functionRow, row);
    const defaults = treeObjects(read.defaults);
    const uses = {
      functions: [...read.parts, ...defaults.functions],
      operators: defaults.operators,
      types: [...read.types, ...defaults.types],
    };
    const own = read.schema === 'pg_catalog' && read.id < firstCreated;
    const known = { ...read, own, uses };
    this.#functions.set(known.id, known);
    return known;
  }

  #keepOperator(row: TextRow): KnownOperator {
    const known = readRow(operatorRow, row);
    this.#operators.set(known.id, known);
    return known;
  }

  #keepType(row: TextRow): KnownType {
    const read = readRow(typeRow, row);
    const checks = treeObjects(read.checks);
    const uses = {
      functions: [...read.functions, ...checks.functions],
      operators: checks.operators,
      types: [...read.types, ...checks.types],
    };
    const known = { ...read, own: read.schema === 'pg_catalog' && read.id < firstCreated, uses };
    this.#types.set(known.id, known);
    return known;
  }
}

function addUses(all: TreeObjects, { functions, operators, types }: TreeObjects): void {
  all.functions.push(...functions);
  all.operators.push(...operators);
  all.types.push(...types);
}

function readRow<S extends z.ZodObject>(shape: S, row: TextRow): z.output<S> {
  return shape.parse(Object.fromEntries(Object.keys(shape.shape).map((column, at) => [column, row[at] ?? ''])));
}

const visible = 'namespace.nspname = ANY(pg_catalog.current_schemas(true))';

/** The columns of `functionRow`, in order. */
const functionSql = (which: string) => `
  SELECT function.oid, function.proname, namespace.nspname, ${visible}, function.prokind, function.provolatile,
    function.prosecdef, coalesce(extension.extname, ''),
    CASE WHEN function.provariadic <> 0 THEN 0 ELSE function.pronargs - function.pronargdefaults END,
    CASE WHEN function.provariadic <> 0 THEN 1000 ELSE function.pronargs END,
    array_to_string(coalesce(function.proallargtypes, function.proargtypes::oid[]) || function.prorettype, ' '),
    concat_ws(' ', aggtransfn::oid, aggfinalfn::oid, aggcombinefn::oid, aggserialfn::oid, aggdeserialfn::oid,
      aggmtransfn::oid, aggminvtransfn::oid, aggmfinalfn::oid),
    coalesce(function.proargdefaults::text, '')
  FROM pg_catalog.pg_proc AS function
  JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = function.pronamespace
  LEFT JOIN pg_catalog.pg_aggregate ON aggfnoid = function.oid
  LEFT JOIN pg_catalog.pg_depend AS member ON member.objid = function.oid AND member.deptype = 'e'
    AND member.classid = 'pg_catalog.pg_proc'::regclass AND member.refclassid = 'pg_catalog.pg_extension'::regclass
  LEFT JOIN pg_catalog.pg_extension AS extension ON extension.oid = member.refobjid
  WHERE ${which}`;

const operatorSql = (which: string) => `
  SELECT operator.oid, operator.oprname, ${visible}, operator.oprcode::oid
  FROM pg_catalog.pg_operator AS operator
  JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = operator.oprnamespace
  WHERE ${which}`;

/** The columns of `typeRow`, in order. */
const typeSql = `
  SELECT type.oid, type.typname, namespace.nspname, type.typtype, coalesce(relation.relkind::text, ''),
    concat_ws(' ', nullif(type.typelem, 0), nullif(type.typbasetype, 0), ranges.rngsubtype,
      (SELECT string_agg(atttypid::text, ' ') FROM pg_catalog.pg_attribute
       WHERE attrelid = type.typrelid AND attnum > 0 AND NOT attisdropped)),
    concat_ws(' ', ranges.rngcanonical::oid, ranges.rngsubdiff::oid),
    coalesce((SELECT string_agg(conbin::text, ' ') FROM pg_catalog.pg_constraint WHERE contypid = type.oid), '')
  FROM pg_catalog.pg_type AS type
  JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = type.typnamespace
  LEFT JOIN pg_catalog.pg_class AS relation ON relation.oid = type.typrelid
  LEFT JOIN pg_catalog.pg_range AS ranges ON type.oid IN (ranges.rngtypid, ranges.rngmultitypid)
  WHERE type.oid = ANY($1)`;
