import { bufferOf } from '../../providers/contract/bytes.ts';
import { Failure } from '../../providers/contract/failure.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { entityKey } from '../serving/view-rows.ts';
import type { StorePool } from '../stores/store-pool.ts';
import { isTurnDue, turn } from '../turns.ts';
import { advanceInTurns } from '../windows/counted-in-turns.ts';
import { timeOf } from '../windows/key-runs.ts';
import { type Insertion, insertEvent } from '../windows/key-tiles.ts';
import type { WindowEvent } from '../windows/window-plan.ts';
import type { ViewRow, Written } from './view-writer.ts';
import { WindowWriter } from './window-writer.ts';

/** Without an identity, who sends an event again because no answer came would count it twice. */
export function requireEventId(view: ResourceOf<'FEATURE_VIEW'>): void {
  if (view.definition.eventId !== undefined) return;
  const fix = 'Register a variant with an eventId, or materialize the view.';
  throw new Failure('INVALID_INPUT', `Events of ${view.ref} can not be known again, so none can be pushed.`, {
    issues: [{ path: 'view', message: 'has no eventId', fix }],
  });
}

/** Takes events into the tiles of their keys. One that is there already changes nothing, and so does one that comes too late. */
export async function pushEvents(
  stores: StorePool,
  catalog: Catalog,
  view: ResourceOf<'FEATURE_VIEW'>,
  rows: readonly ViewRow[],
): Promise<Written> {
  const writer = await WindowWriter.open(stores, catalog, view);
  const lateBefore = Date.now() * 1_000 - writer.plan.lateness;
  const keys = new Map<string, { encoded: Uint8Array; events: { at: number; event: WindowEvent }[] }>();
  for (const [at, row] of rows.entries()) {
    const encoded = entityKey(writer.keyTypes, row.key) ?? new Uint8Array();
    const identity = bufferOf(encoded).toString('latin1');
    const known = keys.get(identity) ?? { encoded, events: [] };
    keys.set(identity, known);
    known.events.push({ at, event: eventOf(row) });
  }
  const became = new Array<Insertion>(rows.length).fill('KNOWN');
  await writer.change(
    [...keys.values()].map(({ encoded, events }) => ({
      encoded,
      async change(tiles) {
        await advanceInTurns(writer.plan, tiles, lateBefore);
        for (const { at, event } of events) {
          if (isTurnDue()) await turn();
          became[at] = insertEvent(writer.plan, tiles, event);
        }
        return events.some(({ at }) => became[at] === 'TAKEN') ? tiles : undefined;
      },
    })),
  );
  const late = [...became.keys()].filter((at) => became[at] === 'LATE');
  const stale = became.filter((one) => one === 'KNOWN').length;
  return { written: rows.length - late.length - stale, stale, late };
}

function eventOf({ eventTimestamp, createdTimestamp, values }: ViewRow): WindowEvent {
  return {
    time: timeOf(eventTimestamp, 'An event'),
    created: createdTimestamp === null ? Number.NEGATIVE_INFINITY : timeOf(createdTimestamp, 'A created timestamp'),
    values,
  };
}
