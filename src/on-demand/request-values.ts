import { Failure, type Issue } from '../../providers/contract/failure.ts';
import type { Value } from '../../providers/contract/value-type.ts';
import type { ResourceOf } from '../registry/catalog.ts';
import { nearestName } from '../registry/spelling.ts';
import { registeredType } from '../serving/view-rows.ts';
import { fromJson } from '../values/json-value.ts';

/** Values of a request as it gives them: by name one list, one value a row. */
export type RequestColumnInput = { name: string; values: readonly unknown[] };

type View = ResourceOf<'ON_DEMAND_FEATURE_VIEW'>;

/** The values of a request for one view: a column for each that its definition names, in that order. */
export type RequestValues = ReadonlyMap<View, readonly (readonly Value[])[]>;

/** So many of one column are told; who has more of them has the same mistake in each. */
const mostIssues = 100;

/**
 * Reads what the views need of a request, and reports all that is wrong at once: values that are missing, not wanted or
 * given twice, lists of other lengths than `size`, values of the wrong type.
 */
export function readRequestValues(
  views: ReadonlySet<View>,
  given: readonly RequestColumnInput[],
  size: number,
): RequestValues {
  const issues: Issue[] = [];
  const wanted = [...views].flatMap((view) => view.definition.request.map(({ name }) => name));
  refuseUnwanted(given, wanted, issues);
  const read = new Map(
    [...views].map((view) => {
      const columns = view.definition.request.map(({ name, type, optional }) => {
        const at = given.findIndex((one) => one.name === name);
        if (at >= 0) return readColumn(given[at]?.values ?? [], type, `request[${at}].values`, size, issues);
        if (optional !== true) issues.push(missing(view, name, type));
        return new Array<Value>(size).fill(null);
      });
      return [view, columns] as const;
    }),
  );
  if (issues.length > 0) throw new Failure('INVALID_INPUT', 'The values of the request are not valid.', { issues });
  return read;
}

function refuseUnwanted(given: readonly RequestColumnInput[], wanted: readonly string[], issues: Issue[]): void {
  const names = given.map(({ name }) => name);
  for (const [at, name] of names.entries()) {
    if (names.indexOf(name) !== at) {
      issues.push({ path: `request[${at}].name`, message: `"${name}" is given twice`, fix: 'Remove one of the two.' });
    }
    if (wanted.includes(name)) continue;
    const near = nearestName(name, wanted);
    const known = wanted.length === 0 ? 'Leave it out.' : `There are ${[...new Set(wanted)].join(', ')}.`;
    const fix = near === undefined ? known : `Did you mean "${near}"?`;
    issues.push({ path: `request[${at}].name`, message: `no feature asked for needs "${name}"`, fix });
  }
}

function readColumn(
  values: readonly unknown[],
  type: string,
  path: string,
  size: number,
  issues: Issue[],
): readonly Value[] {
  if (values.length !== size) {
    const message = `has ${values.length} values, but there are ${size} rows of keys`;
    issues.push({ path, message, fix: 'Give one value a row.' });
  }
  const told = issues.length;
  return values.map((json, row) => {
    if (issues.length - told >= mostIssues) return null;
    const read = fromJson(registeredType(type), json);
    if (!('problem' in read)) return read.value;
    issues.push({ path: `${path}[${row}]`, message: `${read.problem} (${type})` });
    return null;
  });
}

function missing({ ref }: View, name: string, type: string): Issue {
  const fix = `Add { name: "${name}", values: […] } with values of type ${type}.`;
  return { path: 'request', message: `has no "${name}", which ${ref} needs`, fix };
}
