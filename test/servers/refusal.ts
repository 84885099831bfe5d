import assert from 'node:assert/strict';
import { FeaturegraphError } from '@featuregraph/client';

/** The error that a call of the client is refused with. */
export async function refusal(work: Promise<unknown>): Promise<FeaturegraphError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof FeaturegraphError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: 'it should have been refused' });
}

/** The paths of what is wrong, in alphabetical order. */
export function pathsOf({ issues }: FeaturegraphError): string[] {
  return issues.map(({ path }) => path).toSorted();
}
