import { z } from 'zod';
import { Failure, type Issue } from '../../providers/contract/failure.ts';

const text = z.string().default('');
const tags = z.record(z.string(), z.string()).default({});
const field = z.object({
  name: z.string(),
  valueType: text,
  description: text,
  tags,
  vectorIndex: z.boolean().default(false),
  vectorLength: z.coerce.number().default(0),
  vectorSearchMetric: text,
});

/** A table or a query of a warehouse. */
const tableOptions = z.object({ table: text, query: text, schema: text, database: text }).optional();

const batchSource = z.object({
  name: text,
  type: text,
  timestampField: text,
  createdTimestampColumn: text,
  fieldMapping: z.record(z.string(), z.string()).default({}),
  dataSourceClassType: text,
  fileOptions: z.object({ uri: text }).optional(),
  snowflakeOptions: tableOptions,
  bigqueryOptions: tableOptions,
  redshiftOptions: tableOptions,
  trinoOptions: tableOptions,
  athenaOptions: tableOptions,
  sparkOptions: tableOptions,
  /** Of sources that are plugged in: JSON in Base64. */
  customOptions: z.object({ configuration: text }).optional(),
});

const featureView = z.object({
  spec: z.object({
    name: z.string(),
    description: text,
    owner: text,
    tags,
    entities: z.array(z.string()).default([]),
    entityColumns: z.array(field).default([]),
    features: z.array(field).default([]),
    ttl: text,
    online: z.boolean().default(false),
    batchSource: batchSource.optional(),
    streamSource: z.object({ name: text, type: text }).optional(),
  }),
});

const projection = z.object({
  featureViewName: z.string(),
  featureViewNameAlias: text,
  featureColumns: z.array(field).default([]),
  joinKeyMap: z.record(z.string(), z.string()).default({}),
});

const named = z.object({ spec: z.object({ name: z.string() }) });

/** What it is computed by is a function in Python, which is not read. */
const onDemandFeatureView = z.object({
  spec: z.object({
    name: z.string(),
    features: z.array(field).default([]),
    sources: z
      .record(
        z.string(),
        z.object({
          featureViewProjection: projection.optional(),
          requestDataSource: z
            .object({ requestDataOptions: z.object({ schema: z.array(field).default([]) }).optional() })
            .optional(),
        }),
      )
      .default({}),
  }),
});

/** What `feast registry-dump` prints, as far as it is read: Feast's protocol buffers as JSON, in which defaults are left out. */
const registryDump = z.object({
  entities: z
    .array(
      z.object({
        spec: z.object({ name: z.string(), joinKey: text, valueType: text, description: text, owner: text, tags }),
      }),
    )
    .default([]),
  featureViews: z.array(featureView).default([]),
  streamFeatureViews: z.array(featureView).default([]),
  onDemandFeatureViews: z.array(onDemandFeatureView).default([]),
  featureServices: z
    .array(
      z.object({
        spec: z.object({
          name: z.string(),
          description: text,
          owner: text,
          tags,
          features: z.array(projection).default([]),
        }),
      }),
    )
    .default([]),
  permissions: z.array(named).default([]),
  savedDatasets: z.array(named).default([]),
  validationReferences: z.array(z.object({ name: text })).default([]),
});

export type RegistryDump = z.output<typeof registryDump>;
export type FeastView = z.output<typeof featureView>['spec'];
export type FeastField = z.output<typeof field>;
export type FeastSource = z.output<typeof batchSource>;
export type FeastOnDemandView = z.output<typeof onDemandFeatureView>['spec'];
export type FeastService = RegistryDump['featureServices'][number]['spec'];

/** Fails with INVALID_INPUT where the text is no dump of a registry. */
export function readRegistryDump(written: string): RegistryDump {
  const read = registryDump.safeParse(parsed(written));
  if (read.success) return read.data;
  const issues = read.error.issues.map(({ path, message }): Issue => ({ path: path.join('.') || 'dump', message }));
  throw new Failure('INVALID_INPUT', 'It is no dump of a registry of Feast.', { issues });
}

function parsed(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    const fix = 'Give what `feast registry-dump` prints.';
    throw new Failure('INVALID_INPUT', 'It is no JSON.', { issues: [{ path: 'dump', message: 'is no JSON', fix }] });
  }
}
