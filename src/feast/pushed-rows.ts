import { z } from 'zod';
import { Failure } from '../../providers/contract/failure.ts';
import { pushedValues } from '../materialization/push-features.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { registeredType } from '../serving/view-rows.ts';
import { formatTimestamp } from '../values/timestamp.ts';
import { readBody } from './online-request.ts';

/** The body of `POST /push`: a frame by columns. */
const body = z.object({
  push_source_name: z.string().min(1),
  df: z.record(z.string(), z.array(z.unknown())),
  to: z.enum(['online', 'offline', 'online_and_offline']).default('online'),
});

export type FeastPush = z.output<typeof body>;

/** Fails with INVALID_INPUT for what is no push, and with UNSUPPORTED for one to the offline store. */
export function readFeastPush(given: unknown): FeastPush {
  const push = readBody(body, given);
  const lengths = new Set(Object.values(push.df).map((column) => column.length));
  if (lengths.size > 1) {
    throw new Failure('INVALID_INPUT', 'The columns of "df" have different lengths.', {
      issues: [
        { path: 'df', message: `has columns of ${[...lengths].join(' and ')} rows`, fix: 'Give each a value a row.' },
      ],
    });
  }
  if (push.to === 'online') return push;
  throw new Failure('UNSUPPORTED', 'Rows are pushed to online stores alone.', {
    issues: [
      { path: 'to', message: `is "${push.to}"`, fix: 'Push "online", and add the rows to the source of the view.' },
    ],
  });
}

/** The rows for one view. A frame may have columns that the view has not; instants may be seconds since 1970 UTC. */
export function pushedRows(
  catalog: Catalog,
  view: ResourceOf<'FEATURE_VIEW'>,
  { df }: FeastPush,
): Record<string, unknown>[] {
  const { eventTimestamp, createdTimestamp, entity } = view.definition;
  const values = pushedValues(view.definition);
  const keys = catalog.find('ENTITY', entity)?.definition.joinKeys ?? [];
  const times = [eventTimestamp, createdTimestamp].flatMap((name) => name ?? []);
  const instants = new Set([...times, ...values.filter(({ type }) => isInstant(type)).map(({ name }) => name)]);
  const columns = new Set([...keys.map(({ name }) => name), ...times, ...values.map(({ name }) => name)]);
  const given = Object.entries(df).filter(([name]) => columns.has(name));
  const size = Object.values(df)[0]?.length ?? 0;
  return Array.from({ length: size }, (_, row) =>
    Object.fromEntries(
      given.map(([name, values]) => [name, instants.has(name) ? instantOf(values[row]) : values[row]]),
    ),
  );
}

function isInstant(type: string): boolean {
  const read = registeredType(type);
  return read.kind === 'SCALAR' && read.name === 'TIMESTAMP';
}

function instantOf(value: unknown): unknown {
  return typeof value === 'number' && Number.isFinite(value)
    ? formatTimestamp(BigInt(Math.round(value * 1_000_000)))
    : value;
}
