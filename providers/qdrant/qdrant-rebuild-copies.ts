import type { QdrantClient } from '@qdrant/js-client-rest';
import type { VectorIndex } from '../contract/vector-store.ts';
import type { QdrantConnection } from './qdrant-connection.ts';
import { duringKey, readPoint } from './qdrant-points.ts';
import { markerId } from './qdrant-rebuild-marker.ts';
import { pageSize } from './qdrant-requests.ts';
import { copyNewest } from './qdrant-writes.ts';

/** What a rebuild takes over: `from` the collection that is replaced, `to` the one that takes its place. */
export type Copying = { index: VectorIndex; from: string; to: string; token: string };

type PointId = string | number;
type ScrollRequest = Parameters<QdrantClient['scroll']>[1];
type Page = Awaited<ReturnType<QdrantClient['scroll']>>['points'];

/** Without payloads and vectors, a page of so many is small. */
const idsOfPage = 1_000;

/** Points, and what remembers removals, of keys that are not in `to` yet. `mayGoOn` throws to end it between pages. */
export async function copyMissing(connection: QdrantConnection, copying: Copying, mayGoOn: () => void): Promise<void> {
  const request = { limit: idsOfPage, with_payload: false, with_vector: false };
  const most = pageSize(copying.index.dimensions);
  for await (const page of pagesOf(connection, copying.from, request)) {
    const ids = page.map(({ id }) => id).filter((id) => id !== markerId);
    if (ids.length === 0) continue;
    const present = await connection.ask((client) => client.retrieve(copying.to, { ids, with_payload: false }));
    const isPresent = new Set(present.map(({ id }) => id));
    const missing = ids.filter((id) => !isPresent.has(id));
    for (let at = 0; at < missing.length; at += most) {
      mayGoOn();
      await copyPoints(connection, copying, missing.slice(at, at + most));
    }
    mayGoOn();
  }
}

/** What others have written to `from` since the rebuild began. */
export async function copyWrittenDuring(connection: QdrantConnection, copying: Copying): Promise<void> {
  const { index, from, to, token } = copying;
  const filter = { must: [{ key: duringKey, match: { value: token } }] };
  const request = { filter, limit: pageSize(index.dimensions), with_payload: true, with_vector: true };
  for await (const page of pagesOf(connection, from, request)) {
    await copyNewest(connection, { collection: to, rebuild: token }, page.map(readPoint));
  }
}

/** They must fit into one answer. */
export async function copyPoints(
  connection: QdrantConnection,
  { from, to, token }: Copying,
  points: readonly PointId[],
): Promise<void> {
  if (points.length === 0) return;
  const request = { ids: [...new Set(points)], with_payload: true, with_vector: true };
  const records = await connection.ask((client) => client.retrieve(from, request));
  await copyNewest(connection, { collection: to, rebuild: token }, records.map(readPoint));
}

async function* pagesOf(connection: QdrantConnection, from: string, request: ScrollRequest): AsyncGenerator<Page> {
  let offset: PointId | undefined;
  do {
    const start = offset === undefined ? {} : { offset };
    const page = await connection.ask((client) => client.scroll(from, { ...request, ...start }));
    yield page.points;
    const next = page.next_page_offset;
    offset = typeof next === 'string' || typeof next === 'number' ? next : undefined;
  } while (offset !== undefined);
}
