import { Failure } from '../contract/failure.ts';

/** Fails with LIMIT_EXCEEDED where a syntax tree has more levels than `deepest`, without walking it by recursion. */
export function refuseDeep(select: object, deepest: number): void {
  let level: unknown[] = [select];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) throw tooDeep();
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
}

export function tooDeep(): Failure {
  const message = 'the query is nested too deeply';
  const fix = 'write a long chain as a list, as IN or VALUES have one, or register parts of it as transformations';
  return new Failure('LIMIT_EXCEEDED', message, { issues: [{ path: 'sql', message, fix }] });
}

export function notOneSelect(why: string): Failure {
  const message = `a query must be exactly one SELECT: ${why}`;
  return new Failure('QUERY_REFUSED', message, {
    issues: [{ path: 'sql', message, fix: 'write one SELECT over {{ placeholders }} of its inputs' }],
  });
}
