import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { Failure } from '../providers/contract/failure.ts';
import type { Limits } from '../src/config/limits.ts';
import { maxSpineRows } from '../src/retrieval/historical-input.ts';
import { turn } from '../src/turns.ts';
import { type ArrowRows, readArrowRows } from '../src/values/arrow/arrow-rows.ts';
import type { Json } from '../src/values/json-value.ts';
import { type FormPart, partsOfForm } from './multipart.ts';
import { checkSize, preflightHeaders } from './request-checks.ts';

/** More than names one place. */
const mostOfMap = 2_048;

/**
 * Takes requests of GraphQL whose rows are a table of Apache Arrow, in the form of
 * https://github.com/jaydenseric/graphql-multipart-request-spec: `operations` with a null where the rows belong, `map` with
 * the place of the one file, and the file. Where `columns` stands beside the rows, they become lists in its order, as in a
 * spine; otherwise objects, as in a push. Their values are checked as those of any request are.
 */
export function acceptArrow(routes: FastifyInstance): void {
  routes.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

/** Replaces a request's body that holds Arrow by what it says. What is no such body stays. */
export async function readArrowRequest(request: FastifyRequest, limits: Limits): Promise<void> {
  const { body, headers } = request;
  if (!Buffer.isBuffer(body)) return;
  if (!preflightHeaders.some((name) => typeof headers[name] === 'string' && headers[name] !== '')) {
    throw invalid('headers', `has none of ${preflightHeaders.join(' and ')}`, 'Send apollo-require-preflight: true.');
  }
  const { asked, place, file } = formOf(body, headers['content-type'] ?? '');
  request.body = asked;
  // Of a document that is named by its id nobody knows yet what it asks for.
  if (asked.query !== undefined) checkSize(request, limits);
  const { holder, last } = placeOf(asked, place);
  const bounds = { rows: maxSpineRows, characters: limits.bulkBodyBytes };
  const rows = await readArrowRows(file, place, bounds);
  const named = columnNames.safeParse(holder.columns);
  holder[last] = named.success ? await lists(rows, named.data, place) : await objects(rows);
}

type Form = { asked: Record<string, unknown>; place: string; file: Uint8Array };

function formOf(body: Buffer, type: string): Form {
  const parts = partsOfForm(body, type, 3);
  if (parts === undefined)
    throw invalid('body', 'is no multipart form of three parts', 'Send operations, map and a file.');
  const asked = jsonOf(parts, 'operations', body.length);
  if (!isHolder(asked))
    throw invalid('operations', 'is no request of GraphQL', 'Send one, with a query and variables.');
  const fix = 'Write {"0": ["variables.rows"]}, and the file as 0.';
  const map = places.safeParse(jsonOf(parts, 'map', mostOfMap));
  const [[name, [place]] = ['', ['']], ...others] = Object.entries(map.data ?? {});
  if (!map.success || others.length > 0) throw invalid('map', 'must name one place of one file', fix);
  const files = parts.filter(({ isFile }) => isFile);
  const file = files.find((part) => part.name === name);
  if (file === undefined || files.length > 1) throw invalid('map', 'must name the one file with rows', fix);
  return { asked, place, file: file.bytes };
}

const places = z.record(z.string(), z.tuple([z.string()]));

function jsonOf(parts: readonly FormPart[], name: string, most: number): unknown {
  const given = parts.filter((part) => part.name === name && !part.isFile);
  const [{ bytes } = { bytes: Buffer.alloc(0) }] = given;
  try {
    if (given.length === 1 && bytes.length <= most) return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw invalid(name, 'is no JSON', 'Send it as JSON, before the file.', cause);
  }
  throw invalid(name, 'must be there, once', `Send it as JSON of ${most.toLocaleString('en')} bytes at most.`);
}

type Holder = Record<string, unknown>;

/** What holds the null that the rows were left out of. */
function placeOf(asked: Holder, place: string): { holder: Holder; last: string } {
  const words = place.split('.');
  const last = words.at(-1) ?? '';
  let holder: unknown = asked;
  for (const word of words.slice(0, -1))
    holder = isHolder(holder) && Object.hasOwn(holder, word) ? holder[word] : undefined;
  if (words[0] === 'variables' && isHolder(holder) && Object.hasOwn(holder, last) && holder[last] === null)
    return { holder, last };
  const fix = 'Write null where the rows belong.';
  throw invalid('map', `names "${place}", which is no null among the variables`, fix);
}

const columnNames = z.array(z.object({ name: z.string() })).transform((columns) => columns.map(({ name }) => name));

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function lists({ names, columns, size }: ArrowRows, wanted: readonly string[], place: string): Promise<Json[][]> {
  const places = new Map(names.map((name, at) => [name, at]));
  const missing = wanted.find((name) => !places.has(name));
  if (missing !== undefined || names.length !== wanted.length) {
    const message = missing === undefined ? 'has other columns than are named' : `has no column "${missing}"`;
    throw invalid(place, message, `It has ${names.slice(0, 100).join(', ')}.`);
  }
  const chosen = wanted.map((name) => columns[places.get(name) ?? 0]);
  return await eachRow(size, chosen.length, (row) => chosen.map((column) => column?.[row] ?? null));
}

/** From entries, since a column may have any name, `__proto__` too. */
async function objects({ names, columns, size }: ArrowRows): Promise<Record<string, Json>[]> {
  return await eachRow(size, names.length, (row) =>
    Object.fromEntries(names.map((name, at): [string, Json] => [name, columns[at]?.[row] ?? null])),
  );
}

/** How many values are put into rows before others are looked after. */
const valuesOfTurn = 10_000;

async function eachRow<T>(size: number, width: number, make: (row: number) => T): Promise<T[]> {
  const rowsOfTurn = Math.max(1, Math.floor(valuesOfTurn / Math.max(1, width)));
  const rows: T[] = [];
  for (let row = 0; row < size; row++) {
    if (row % rowsOfTurn === 0) await turn();
    rows.push(make(row));
  }
  return rows;
}

function invalid(path: string, message: string, fix: string, cause?: unknown): Failure {
  const options = { issues: [{ path, message, fix }], ...(cause !== undefined && { cause }) };
  return new Failure('INVALID_INPUT', 'The request is not valid.', options);
}
