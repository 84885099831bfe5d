import { Failure, type Issue } from '../../providers/contract/failure.ts';
import type { Scalar } from '../../providers/contract/value-type.ts';
import type { ResolvedFeature } from '../registry/selection.ts';
import { fromJson } from '../values/json-value.ts';
import type { RoleKeys } from './online-serving.ts';
import { registeredType } from './view-rows.ts';

/** Keys as a request gives them: columnar, for each role and join key one list. Without a role it is the entity's name. */
export type KeyColumnInput = { role?: string | null; joinKey: string; values: readonly unknown[] };

/**
 * Reads the keys of every role that the features need, and reports all that is wrong at once: roles or join keys that
 * are missing, not wanted or given twice, lists of different lengths, values of the wrong type.
 */
export function readKeys(
  features: readonly ResolvedFeature[],
  input: readonly KeyColumnInput[],
): { keys: RoleKeys; size: number } {
  const issues: Issue[] = [];
  const size = input[0]?.values.length ?? 0;
  const entities = new Map(features.map(({ role, entity }) => [role, entity]));
  const used = new Set<number>();
  const keys = new Map<string, (Scalar | null)[][]>();
  for (const [role, entity] of entities) {
    const columns = entity.definition.joinKeys.map(({ name, type }) => {
      const at = input.findIndex((one) => one.joinKey === name && roleOf(one, entities) === role);
      if (at < 0) issues.push(missing(role, name, type));
      else used.add(at);
      return at < 0 ? [] : readColumn(input[at]?.values ?? [], type, `keys[${at}].values`, size, issues);
    });
    keys.set(
      role,
      Array.from({ length: size }, (_, row) => columns.map((column) => column[row] ?? null)),
    );
  }
  for (const at of input.keys()) if (!used.has(at)) issues.push(unwanted(at, input, entities));
  if (issues.length > 0) throw new Failure('INVALID_INPUT', 'The keys are not valid.', { issues });
  return { keys, size };
}

/** So many of one column are told; who has more of them has the same mistake in each. */
const mostIssues = 100;

type Entities = ReadonlyMap<string, ResolvedFeature['entity']>;

/** A key column without a role belongs to the only role whose entity has that join key. */
function roleOf(input: KeyColumnInput, entities: Entities): string | undefined {
  if (input.role !== undefined && input.role !== null) return input.role;
  const roles = [...entities].filter(([, entity]) =>
    entity.definition.joinKeys.some((key) => key.name === input.joinKey),
  );
  return (roles.find(([role, entity]) => role === entity.name) ?? (roles.length === 1 ? roles[0] : undefined))?.[0];
}

function readColumn(
  values: readonly unknown[],
  type: string,
  path: string,
  size: number,
  issues: Issue[],
): (Scalar | null)[] {
  if (values.length !== size) {
    issues.push({
      path,
      message: `has ${values.length} values, but the first list has ${size}`,
      fix: 'Give every list one value a row.',
    });
  }
  const valueType = registeredType(type);
  const told = issues.length;
  return values.map((json, row) => {
    if (issues.length - told >= mostIssues) return null;
    const read = fromJson(valueType, json);
    if (!('problem' in read)) return read.value as Scalar | null;
    issues.push({ path: `${path}[${row}]`, message: `${read.problem} (${type})` });
    return null;
  });
}

function missing(role: string, joinKey: string, type: string): Issue {
  const fix = `Add { role: "${role}", joinKey: "${joinKey}", values: […] } with values of type ${type}.`;
  return { path: 'keys', message: `has no "${joinKey}" for the role "${role}"`, fix };
}

function unwanted(at: number, input: readonly KeyColumnInput[], entities: Entities): Issue {
  const { role, joinKey } = input[at] ?? { joinKey: '' };
  const wanted = [...entities].flatMap(([name, { definition }]) =>
    definition.joinKeys.map((key) => `${key.name} (${name})`),
  );
  const name = role === undefined || role === null ? joinKey : `${joinKey} (${role})`;
  return {
    path: `keys[${at}]`,
    message: `"${name}" is not a key of the features, or is given twice`,
    fix: `The keys are ${wanted.join(', ')}.`,
  };
}
