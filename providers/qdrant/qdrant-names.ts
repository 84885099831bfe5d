import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Failure } from '../contract/failure.ts';
import { formatValueType, metrics, parseValueType } from '../contract/value-type.ts';
import type { VectorIndex } from '../contract/vector-store.ts';

/*
 * The names that an index has in Qdrant:
 *
 *   alias                        featuregraph-<project>-<index>-<digest of both>
 *   collection                   <alias>-<digest of the shape>, and <alias>-<digest of the shape>-<token> when rebuilt
 *   alias of what was replaced,
 *   until it is deleted          <alias>-replaced
 *   vector                       v-<digest of the shape>
 *
 * Project and index are there to be read, with other characters than letters, digits and _ left out and not to the
 * end; the digest is what tells them apart. Whoever believes an index to have another shape than it has names a
 * vector that is not there, and is refused.
 */
const prefix = 'featuregraph';
const longestReadable = 40;

export function aliasOf(project: string, id: string): string {
  return [prefix, readable(project), readable(id), digest(JSON.stringify([project, id]), 32)].join('-');
}

export function replacedAlias(alias: string): string {
  return `${alias}-replaced`;
}

/** The first collection of an index: whoever else creates it at the same moment gives it the same name. */
export function firstCollection(alias: string, index: VectorIndex): string {
  return `${alias}-${shapeDigest(index)}`;
}

/** `token` is the rebuild's. */
export function rebuiltCollection(alias: string, index: VectorIndex, token: string): string {
  return `${firstCollection(alias, index)}-${token}`;
}

/** The token of the rebuild that made a collection; nothing where it was none. */
export function tokenOf(alias: string, index: VectorIndex, collection: string): string {
  return collection.slice(firstCollection(alias, index).length + 1);
}

export function hasShape(collection: string, alias: string, index: VectorIndex): boolean {
  const first = firstCollection(alias, index);
  return collection === first || collection.startsWith(`${first}-`);
}

export function isCollectionOf(alias: string, collection: string): boolean {
  return collection.startsWith(`${alias}-`);
}

export function vectorName(index: VectorIndex): string {
  return `v-${shapeDigest(index)}`;
}

/** Equal for equal shapes: the order of the payload's features means nothing. */
export function writtenShape({ dimensions, metric, payload }: VectorIndex): string {
  const features = payload.map(({ name, type }) => [name, formatValueType(type)] as const);
  return JSON.stringify({ dimensions, metric, payload: features.toSorted(([a], [b]) => (a < b ? -1 : 1)) });
}

const storedShape = z.object({
  dimensions: z.number(),
  metric: z.enum(metrics),
  payload: z.array(z.tuple([z.string(), z.string()])),
});

export function readShape(id: string, text: string): VectorIndex {
  const { payload, ...shape } = storedShape.parse(JSON.parse(text));
  const features = payload.map(([name, written]) => {
    const type = parseValueType(written);
    if (type === undefined) throw new Failure('UNSUPPORTED', `The vector index ${id} has the unknown type ${written}.`);
    return { name, type };
  });
  return { id, ...shape, payload: features };
}

function shapeDigest(index: VectorIndex): string {
  return digest(writtenShape(index), 16);
}

function readable(text: string): string {
  return text.replace(/[^A-Za-z0-9_]+/g, '_').slice(0, longestReadable);
}

function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
