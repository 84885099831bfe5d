import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { startQdrantStandIn } from './servers/qdrant-stand-in.ts';

const exchange = z.object({
  name: z.string(),
  request: z.object({
    method: z.string(),
    path: z.string(),
    body: z.unknown().optional(),
    rawBody: z.string().optional(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  response: z.object({
    status: z.number(),
    contentType: z.string().nullable(),
    body: z.unknown().optional(),
    text: z.string().optional(),
  }),
});
type Exchange = z.infer<typeof exchange>;

/** What a real server answered, in the order that it was asked. */
async function recorded(file: string): Promise<Exchange[]> {
  const text = await readFile(new URL(`qdrant/${file}`, import.meta.url), 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [exchange.parse(JSON.parse(line))]));
}

async function replay(url: string, { request, response }: Exchange): Promise<void> {
  const { method, path, body, rawBody, headers } = request;
  const sent = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { ...headers, ...(sent !== undefined && { 'content-type': 'application/json' }) },
    ...(sent !== undefined && { body: sent }),
  });
  const text = await answer.text();
  assert.equal(answer.status, response.status, text);
  assert.equal(answer.headers.get('content-type'), response.contentType);
  if (response.text !== undefined) assert.equal(text, response.text);
  else {
    const limits = limitsOf(body);
    assertAlike(comparable(JSON.parse(text), limits), comparable(response.body, limits), '');
  }
}

/** Figures that belong to one run of one server. */
const ownFigures = new Set([
  ...['time', 'commit', 'version', 'operation_id'],
  ...['points', 'points_count', 'segments_count', 'indexed_vectors_count'].map((name) => `figure ${name}`),
]);

const limited = z.object({ limit: z.number().default(10) });
const limitedBatch = z.object({ searches: z.array(limited) });

/** How many points the queries of a body ask for at most. */
function limitsOf(body: unknown): number[] {
  const batch = limitedBatch.safeParse(body).data?.searches ?? [limited.safeParse(body).data ?? { limit: 10 }];
  return batch.map(({ limit }) => limit);
}

/** Without what no other server answers alike. */
function comparable(value: unknown, limits: readonly number[]): unknown {
  if (Array.isArray(value)) {
    return inOrder(
      value.map((each) => comparable(each, limits)),
      limits,
    );
  }
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([name, each]) => {
    return !ownFigures.has(name) && !(typeof each === 'number' && ownFigures.has(`figure ${name}`));
  });
  return Object.fromEntries(kept.map(([name, each]) => [name, comparable(each, limits)]));
}

const scored = z.looseObject({ id: z.union([z.string(), z.number()]), score: z.number().nullable() });

/** Equal scores in the order of their ids; where a limit cuts through equal ones, no matter which were left. */
function inOrder(list: unknown[], limits: readonly number[]): unknown[] {
  const read = z.array(scored).safeParse(list);
  if (!read.success) return list;
  const rank = (score: number | null) => (score === null ? score : Math.round(score * 1e6));
  const groups = [...Map.groupBy(read.data, ({ score }) => rank(score)).values()];
  return groups.flatMap((group, at) => {
    if (at === groups.length - 1 && limits.includes(list.length)) return group.map(({ score }) => ({ score }));
    return group.sort((left, right) => (String(left.id) < String(right.id) ? -1 : 1));
  });
}

/** Deeply equal but for the rounding of singles. */
function assertAlike(actual: unknown, expected: unknown, path: string): void {
  if (typeof actual === 'number' && typeof expected === 'number') {
    assert.ok(Math.abs(actual - expected) <= 1e-6 * Math.max(1, Math.abs(expected)), `${path}: ${actual}, ${expected}`);
  } else if (isObject(actual) && isObject(expected)) {
    assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort(), path);
    for (const [name, each] of Object.entries(expected)) assertAlike(actual[name], each, `${path}.${name}`);
  } else assert.deepEqual(actual, expected, path);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function describeReplay(file: string, keys: Parameters<typeof startQdrantStandIn>[0]): void {
  test(`answers as the real server did in ${file}`, async (context) => {
    const exchanges = await recorded(file);
    assert.ok(exchanges.length > 7);
    const standIn = await startQdrantStandIn(keys);
    try {
      for (const one of exchanges) await context.test(one.name, () => replay(standIn.url, one));
    } finally {
      await standIn.stop();
    }
  });
}

/** Sends JSON, and gives back the answer's status and result. */
async function ask(url: string, method: string, path: string, body: unknown): Promise<[number, unknown]> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
  return [answer.status, z.object({ result: z.unknown() }).parse(await answer.json()).result];
}

describe('the Qdrant stand-in', () => {
  describeReplay('exchanges.jsonl', {});
  describeReplay('auth.jsonl', { apiKey: 'secret', readOnlyApiKey: 'reader' });

  test('lets a filter of an upsert guard the points that are there, and no new one', async () => {
    const standIn = await startQdrantStandIn();
    try {
      const { url } = standIn;
      await ask(url, 'PUT', '/collections/c', { vectors: { size: 1, distance: 'Dot' } });
      const points = [1, 2, 3].map((id) => ({ id, vector: [id], payload: { age: id } }));
      await ask(url, 'PUT', '/collections/c/points?wait=true', { points: points.slice(0, 2) });
      const update_filter = { must: [{ key: 'age', range: { lte: 1 } }] };
      const later = points.map((point) => ({ ...point, payload: { age: 9 } }));
      const written = await ask(url, 'PUT', '/collections/c/points?wait=true', { points: later, update_filter });
      assert.deepEqual(written, [200, { operation_id: 2, status: 'completed' }]);
      const aged = { filter: { must: [{ key: 'age', match: { value: 9 } }] }, exact: true };
      assert.deepEqual(await ask(url, 'POST', '/collections/c/points/count', aged), [200, { count: 2 }]);
    } finally {
      await standIn.stop();
    }
  });
});
