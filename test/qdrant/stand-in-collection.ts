import type { Filter, PointId } from './stand-in-conditions.ts';
import { passing } from './stand-in-filter.ts';
import { Refusal } from './stand-in-reading.ts';
import type {
  CreateCollection,
  Payload,
  PointStruct,
  QueryPoints,
  Selection,
  VectorParams,
} from './stand-in-requests.ts';
import { isWithin, nearest, type Scored, score, storedVector } from './stand-in-vectors.ts';

export type Point = { id: PointId; vectors: Map<string, Float32Array>; payload: Payload; version: number };

/** The name of the one vector of a collection whose vectors have no names. */
const unnamed = '';

export class StandInCollection {
  readonly config: CreateCollection;
  readonly points = new Map<PointId, Point>();
  readonly indexes = new Map<string, string>();
  readonly #params: ReadonlyMap<string, VectorParams>;
  #operations = 0;

  constructor(config: CreateCollection) {
    this.config = config;
    this.#params = new Map(isOne(config.vectors) ? [[unnamed, config.vectors]] : Object.entries(config.vectors));
  }

  nextOperation(): number {
    return ++this.#operations;
  }

  /** Points that are there and don't pass `updateFilter` stay as they are; points that are new are put in anyway. */
  upsert(points: readonly PointStruct[], updateFilter: Filter | null | undefined): void {
    if (points.length === 0) throw new Refusal(400, 'Bad request: Empty update request');
    const version = this.#operations + 1;
    const fitted = points.map(({ id, vector, payload }): Point => {
      return { id, vectors: this.#fit(vector), payload: payload ?? {}, version };
    });
    const mayChange = passing(updateFilter);
    const kept = fitted.filter(({ id }) => {
      const present = this.points.get(id);
      return present === undefined || mayChange(present);
    });
    for (const point of kept) this.points.set(point.id, point);
  }

  select(filter: Filter | null | undefined): Point[] {
    return [...this.points.values()].filter(passing(filter));
  }

  query(body: QueryPoints): object {
    const { query, using, filter, limit, offset, score_threshold: threshold } = body;
    const name = using ?? unnamed;
    const params = this.#paramsOf(name);
    const vector = this.#soughtVector(query, name, params);
    const scored: Scored<Point>[] = [];
    for (const point of this.select(filter)) {
      const held = point.vectors.get(name);
      if (held === undefined || point.id === query) continue;
      const one = { item: point, score: score(params.distance, held, vector) };
      if (isWithin(params.distance, one.score, threshold)) scored.push(one);
    }
    // The order of equal scores is not promised: here it is as unlike the order of writing as it can be.
    const found = nearest(params.distance, scored.reverse(), (offset ?? 0) + (limit ?? 10)).slice(offset ?? 0);
    return {
      points: found.map(({ item: point, score: one }) => {
        const { id, ...rest } = this.shown(point, body.with_payload ?? false, body.with_vector);
        return { id, version: point.version, score: one, ...rest };
      }),
    };
  }

  shown(
    point: Point,
    withPayload: Selection,
    withVector: Selection,
  ): { id: PointId; payload?: Payload; vector?: unknown } {
    const { id, payload } = point;
    const names = Array.isArray(withPayload) ? withPayload : Object.keys(payload);
    const chosen = Object.fromEntries(names.flatMap((name) => (name in payload ? [[name, payload[name]]] : [])));
    const vectors = [...point.vectors].map(([name, vector]) => [name, Array.from(vector)] as const);
    const vector = isOne(this.config.vectors) ? vectors[0]?.[1] : Object.fromEntries(vectors);
    return { id, ...(withPayload && { payload: chosen }), ...(withVector && { vector }) };
  }

  #soughtVector(query: QueryPoints['query'], name: string, params: VectorParams): Float32Array {
    if (Array.isArray(query)) return fitted(query, params);
    const held = this.points.get(query)?.vectors.get(name);
    if (held === undefined) throw new Refusal(404, `Not found: No point with id ${query} found`);
    return held;
  }

  #fit(vector: PointStruct['vector']): Map<string, Float32Array> {
    const named = Array.isArray(vector) ? [[unnamed, vector] as const] : Object.entries(vector);
    return new Map(named.map(([name, components]) => [name, fitted(components, this.#paramsOf(name))]));
  }

  #paramsOf(name: string): VectorParams {
    const params = this.#params.get(name);
    if (params === undefined) throw new Refusal(400, `Wrong input: Not existing vector name error: ${name}`);
    return params;
  }
}

function fitted(components: readonly number[], { size, distance }: VectorParams): Float32Array {
  if (components.length !== size) {
    throw new Refusal(400, `Wrong input: Vector dimension error: expected dim: ${size}, got ${components.length}`);
  }
  return storedVector(distance, components);
}

function isOne(vectors: CreateCollection['vectors']): vectors is VectorParams {
  return typeof vectors.size === 'number';
}
