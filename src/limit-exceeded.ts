import { Failure } from '../providers/contract/failure.ts';

/** What is too much: where it is, how much there is, and how much there may be. */
export type Excess = { path: string; what: string; found: number | string; most: number; fix?: string };

/** A request that asks for more than it may, with the number that it may ask for. */
export function limitExceeded({ path, what, found, most, fix }: Excess): Failure {
  const message = `A request has ${most.toLocaleString('en')} ${what} at most.`;
  return new Failure('LIMIT_EXCEEDED', message, {
    issues: [
      {
        path,
        message: `has ${typeof found === 'number' ? found.toLocaleString('en') : found}`,
        fix: fix ?? 'Ask for less, in several requests.',
      },
    ],
  });
}
