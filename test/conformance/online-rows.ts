import { packRow, rowLayout, unpackValue } from '../../providers/contract/online-row.ts';
import type { OnlineStore, RowWrite } from '../../providers/contract/online-store.ts';
import { scalar } from '../../providers/contract/value-type.ts';

/** Adds a case, which gets a store of a project of its own. */
export type TestStore = (title: string, run: (store: OnlineStore, project: string) => Promise<void>) => void;

export const layout = rowLayout([scalar('STRING')]);
export const trips = { entity: 'driver', view: 'trips' };
export const ratings = { entity: 'driver', view: 'ratings' };

/** A row that says when it happened, when it was known, and what it holds. */
export function row(event: bigint | null, text: string, created: bigint | null = null): Uint8Array {
  return packRow(layout, { eventTimestamp: event, createdTimestamp: created, values: [text] });
}

export function key(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function write(name: string, event: bigint | null, text: string, created: bigint | null = null): RowWrite {
  return { key: key(name), row: row(event, text, created) };
}

/** What each key holds in each view, undefined where there is no row. */
export async function held(store: OnlineStore, entity: string, names: string[], views: string[]): Promise<unknown[][]> {
  const [answer] = await store.read([{ entity, keys: names.map(key), views }]);
  return (answer?.rows ?? []).map((ofKey) => ofKey.map((each) => each && unpackValue(layout, each, 0)));
}
