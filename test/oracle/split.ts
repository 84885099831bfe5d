import { createHash } from 'node:crypto';
import type { KeyType } from '../../providers/contract/entity-key.ts';
import type { SplitPlan } from '../../providers/contract/point-in-time-plan.ts';
import type { Value } from '../../providers/contract/value-type.ts';

type Cell = { type: KeyType; value: Value };

/** The part of a row, by its time or by its keys, said without SQL. */
export function partOracle(split: SplitPlan, time: bigint | null, keys: readonly Cell[]): string | null {
  if (split.kind === 'TIME') {
    if (time === null) return null;
    if (time < (split.validation ?? split.test)) return 'TRAIN';
    return time < split.test ? 'VALIDATION' : 'TEST';
  }
  const texts = keys.map(({ type, value }) => (value === null ? 'null' : md5(textOf(type, value))));
  const place = md5([String(split.seed), ...texts].join(' '));
  if (place < split.validationFrom) return 'TRAIN';
  return place < split.testFrom ? 'VALIDATION' : 'TEST';
}

function textOf(type: KeyType, value: Value): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return type === 'DATE' ? String(BigInt(Number(value)) * 86_400_000_000n) : String(value);
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
