import { z } from 'zod';
import { Failure } from '../../providers/contract/failure.ts';
import type { GivenDocument } from './document.ts';

/** As GraphQL Code Generator's client preset writes it. */
const byId = z.record(z.string(), z.string());

/** As Apollo's tools write it. */
const apollo = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string(), body: z.string() })),
});

/** The documents of a manifest, in either of the forms that clients' tools write. Fails with INVALID_INPUT. */
export function documentsOfManifest(manifest: unknown): GivenDocument[] {
  const fromApollo = apollo.safeParse(manifest);
  if (fromApollo.success) return fromApollo.data.operations.map(({ id, body }) => ({ id, text: body }));
  const plain = byId.safeParse(manifest);
  if (plain.success && !('format' in plain.data)) return Object.entries(plain.data).map(([id, text]) => ({ id, text }));
  const message = 'is no manifest of documents';
  const fix =
    'Give { "<sha256 of the text>": "query …" }, or { "format": "apollo-persisted-query-manifest", "version": 1, "operations": [{ "id", "body" }] }.';
  throw new Failure('INVALID_INPUT', `The file ${message}.`, { issues: [{ path: 'manifest', message, fix }] });
}
