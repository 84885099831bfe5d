import type { Point, StandInCollection } from './stand-in-collection.ts';
import { type PointId, requireMeaning } from './stand-in-conditions.ts';
import { Refusal, readBody } from './stand-in-reading.ts';
import * as requests from './stand-in-requests.ts';

/** What is asked of the points of a collection. `tail` is the rest of the address, `wait` whether it is waited for. */
export type PointRequest = { collection: StandInCollection; tail: string; text: string; wait: boolean };

type Answer = (request: PointRequest) => unknown;

const readWith =
  <T extends Parameters<typeof requireMeaning>[0]>(
    form: Parameters<typeof readBody<T>>[0],
    answer: (collection: StandInCollection, body: T) => unknown,
  ): Answer =>
  ({ collection, text }) => {
    const body = readBody(form, text);
    requireMeaning(body);
    return answer(collection, body);
  };

/** By method and the rest of the address. */
export const pointReads: Readonly<Record<string, Answer>> = {
  'POST points': ({ collection, text }) => {
    const { ids, with_payload, with_vector } = readBody(requests.retrievePoints, text);
    const found = ids.flatMap((id) => collection.points.get(id) ?? []);
    return found.map((point) => collection.shown(point, with_payload ?? true, with_vector));
  },
  'POST points/query': readWith(requests.queryPoints, (collection, body) => collection.query(body)),
  'POST points/query/batch': ({ collection, text }) => {
    const { searches } = readBody(requests.queryBatch, text);
    for (const search of searches) requireMeaning(search);
    return searches.map((search) => collection.query(search));
  },
  'POST points/count': readWith(requests.countPoints, (collection, body) => {
    return { count: collection.select(body.filter).length };
  }),
  'POST points/scroll': readWith(requests.scrollPoints, (collection, body) => {
    const ordered = collection.select(body.filter).sort(byId);
    const { offset } = body;
    const start = offset === null || offset === undefined ? 0 : ordered.findIndex(({ id }) => !precedes(id, offset));
    const rest = start < 0 ? [] : ordered.slice(start);
    const limit = body.limit ?? 10;
    const shown = (point: Point) => collection.shown(point, body.with_payload ?? true, body.with_vector);
    return { points: rest.slice(0, limit).map(shown), next_page_offset: rest[limit]?.id ?? null };
  }),
};

/** They answer with the number of the operation and whether it is done. */
export const pointWrites: Readonly<Record<string, Answer>> = {
  'PUT points': written(({ collection, text }) => {
    const { points, update_filter } = readBody(requests.upsertPoints, text);
    requireMeaning({ filter: update_filter });
    collection.upsert(points, update_filter);
  }),
  'POST points/delete': written(({ collection, text }) => {
    const body = readBody(requests.selectPoints, text);
    const ids = 'points' in body ? body.points : collection.select(body.filter).map(({ id }) => id);
    for (const id of ids) collection.points.delete(id);
  }),
  'POST points/payload': written(({ collection, text }) => {
    const { payload, points, filter } = readBody(requests.setPayload, text);
    const chosen = points?.flatMap((id) => collection.points.get(id) ?? []) ?? collection.select(filter);
    for (const point of chosen) point.payload = { ...point.payload, ...payload };
  }),
  'PUT index': written(({ collection, text }) => {
    const { field_name, field_schema } = readBody(requests.createIndex, text);
    collection.indexes.set(field_name, typeof field_schema === 'string' ? field_schema : field_schema.type);
  }),
};

/** Answers `GET points/<id>`. */
export function onePoint({ collection, tail }: PointRequest): unknown {
  const text = decodeURIComponent(tail.slice('points/'.length));
  const id = /^\d+$/.test(text) ? Number(text) : text;
  const point = collection.points.get(id);
  if (point === undefined) throw new Refusal(404, `Not found: Point with id ${text} does not exists!`);
  return collection.shown(point, true, true);
}

function written(write: (request: PointRequest) => void): Answer {
  return (request) => {
    write(request);
    const status = request.wait ? 'completed' : 'acknowledged';
    return { operation_id: request.collection.nextOperation(), status };
  };
}

/** Numbers come before UUIDs. */
function precedes(left: PointId, right: PointId): boolean {
  return typeof left === typeof right ? left < right : typeof left === 'number';
}

function byId(left: Point, right: Point): number {
  return precedes(left.id, right.id) ? -1 : 1;
}
