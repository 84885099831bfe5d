import { z } from 'zod';
import { bufferOf } from '../../providers/contract/bytes.ts';
import type { Json } from '../state/tables.ts';

/** Keys of one view whose values may have changed. */
export type ChangedKeys = ReadonlySet<string> | 'ALL';

/** A view that has more keys than this changed at once is said to have ALL changed. */
export const maxChangedKeys = 1_000;

/** An encoded entity key as changes have it: equal texts are equal keys. */
export function keyText(key: Uint8Array): string {
  return bufferOf(key).toString('base64');
}

const payloadShape = z.object({ keys: z.union([z.literal('ALL'), z.array(z.string())]) });

export function payloadOf(keys: ChangedKeys): Json {
  return { keys: keys === 'ALL' ? keys : [...keys] };
}

/** What a newer version appended, in a form that is not known here yet, may speak of any key. */
export function changedKeys(payload: Json): ChangedKeys {
  const read = payloadShape.safeParse(payload);
  if (!read.success || read.data.keys === 'ALL') return 'ALL';
  return new Set(read.data.keys);
}
