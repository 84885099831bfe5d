import type { FeatureSelector, JsonValue, Keys, NearestTarget } from '@featuregraph/client';
import { z } from 'zod';
import { splitParts } from '../../providers/contract/point-in-time-plan.ts';
import { notRegistered } from './looking-tools.ts';
import { limit, ref, type Tool, tool } from './tool.ts';

const values = z.array(z.json());

const keys = z
  .record(z.string(), z.union([values, z.record(z.string(), values)]))
  .describe(
    'By join key, one value a row: {"driver_id": [7, 8]}. Where an entity plays roles, within its role: {"origin": {"faa": ["JFK"]}}.',
  );

const features = z.array(z.string().min(1)).min(1).describe('Features, each as view:feature.');

const service = z.string().min(1).describe('A feature service: name, or name@variant.');

/** Which of two is given is told by words, which JSON Schema says less readably. */
const oneOfTwo = (one: unknown, other: unknown) => (one === undefined) !== (other === undefined);

const selected = (refs: readonly string[]): FeatureSelector => ({ features: refs.map((feature) => ({ feature })) });

/** Reading values: of sources, of training sets, and those that are served. */
export const valueTools: readonly Tool[] = [
  tool({
    name: 'preview_source',
    title: 'Preview a source',
    description: 'The first rows of a source, with the names and types of its columns.',
    input: z.strictObject({ ref, limit: limit(100, 10) }),
    effect: 'READ',
    async run(client, asked, signal) {
      const { source } = await client.operations.SourcePreview(asked, { signal });
      if (source === null) throw notRegistered('SOURCE', asked.ref);
      return source.preview;
    },
  }),
  tool({
    name: 'preview_training_set',
    title: 'Preview a training set',
    description: 'The first rows of the latest run of a training set, and how many there are.',
    input: z.strictObject({
      ref,
      limit: limit(100, 10),
      split: z.enum(splitParts).optional().describe('Only this part of the split.'),
    }),
    effect: 'READ',
    run: (client, { ref: one, limit: first, split }, signal) =>
      client.trainingSet(one).page({ first, signal, ...(split !== undefined && { split }) }),
  }),
  tool({
    name: 'get_features',
    title: 'Read online features',
    description:
      'The latest values of a feature service, or of single features, for keys: a column each, with statuses.',
    input: z
      .strictObject({ service: service.optional(), features: features.optional(), keys })
      .refine(({ service: one, features: other }) => oneOfTwo(one, other), 'give exactly one of service and features'),
    effect: 'READ',
    run: (client, asked, signal) =>
      client.onlineFeatures(asked.service ?? selected(asked.features ?? []), asked.keys as Keys, { signal }),
  }),
  tool({
    name: 'nearest',
    title: 'Find nearest neighbours',
    description:
      'The entities nearest to one, or to a vector, by an embedding; with features of each where some are named.',
    input: z
      .strictObject({
        embedding: z.string().min(1).describe('The embedding, as view:feature.'),
        key: z.record(z.string(), z.json()).optional().describe('Near this entity: {"faa": "ORD"}.'),
        vector: z.array(z.number()).optional().describe('Near this vector.'),
        limit: limit(100, 10),
        features: features.optional(),
      })
      .refine(({ key, vector }) => oneOfTwo(key, vector), 'give exactly one of key and vector'),
    effect: 'READ',
    async run(client, { embedding, key, vector, limit: k, features: refs }, signal) {
      const to = targetOf(key as Record<string, JsonValue> | undefined, vector);
      const select = refs && { select: selected(refs) };
      return { neighbors: await client.nearest(embedding, to, { k, signal, ...select }) };
    },
  }),
];

function targetOf(key: Record<string, JsonValue> | undefined, vector: number[] | undefined): NearestTarget {
  if (key === undefined) return { vector: vector ?? [] };
  return { entity: Object.entries(key).map(([joinKey, value]) => ({ joinKey, values: [value] })) };
}
