import { encodeEntityKey } from '../../providers/contract/entity-key.ts';
import { type RowLayout, rowLayout } from '../../providers/contract/online-row.ts';
import type { ViewAddress } from '../../providers/contract/online-store.ts';
import {
  isScalarName,
  parseValueType,
  type Scalar,
  type ScalarName,
  type ValueType,
} from '../../providers/contract/value-type.ts';
import type { ResourceOf } from '../registry/catalog.ts';
import type { EntityDefinition, FeatureViewDefinition } from '../registry/definitions/definition.ts';
import { parseDuration } from '../registry/duration.ts';

/** What reading and writing a view's rows needs of its definition. `ttl` is in microseconds. */
export type ViewRows = { types: readonly ValueType[]; layout: RowLayout; ttl: bigint | undefined };

/** For how long a row is found when it can be served no more, so that OUTSIDE_TTL is told from NOT_FOUND: a day, in microseconds. */
export const keptBeyondTtl = 86_400_000_000n;

const known = new WeakMap<FeatureViewDefinition, ViewRows>();

/** Worked out once per definition: definitions are immutable. */
export function viewRows({ definition }: ResourceOf<'FEATURE_VIEW'>): ViewRows {
  const earlier = known.get(definition);
  if (earlier !== undefined) return earlier;
  const types = definition.features.map((feature) => registeredType(feature.type));
  const ttl = definition.ttl === undefined ? undefined : parseDuration(definition.ttl);
  const rows = { types, layout: rowLayout(types), ttl };
  known.set(definition, rows);
  return rows;
}

/** Types were checked at registration: anything else is a defect. */
export function registeredType(written: string): ValueType {
  const type = parseValueType(written);
  if (type === undefined) throw new TypeError(`"${written}" is registered but is no type`);
  return type;
}

export function keyTypes(entity: Pick<EntityDefinition, 'joinKeys'>): ScalarName[] {
  return entity.joinKeys.flatMap(({ type }) => (isScalarName(type) ? [type] : []));
}

/** Rows are kept under ids, so that a name that is deleted and registered again doesn't find another's rows. */
export function viewAddress(entity: ResourceOf<'ENTITY'>, view: ResourceOf<'FEATURE_VIEW'>): ViewAddress {
  return { entity: entity.id, view: view.id };
}

/** An INT64 key can come from an INT32 column. Undefined where a part is null: such a row has no key. */
export function entityKey(types: readonly ScalarName[], values: readonly (Scalar | null)[]): Uint8Array | undefined {
  const parts: Scalar[] = [];
  for (const [at, value] of values.entries()) {
    if (value === null || value === undefined) return undefined;
    parts.push(types[at] === 'INT64' && typeof value === 'number' ? BigInt(value) : value);
  }
  return encodeEntityKey(types, parts);
}
