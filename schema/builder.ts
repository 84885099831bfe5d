import SchemaBuilder from '@pothos/core';
import RelayPlugin from '@pothos/plugin-relay';
import { Failure } from '../providers/contract/failure.ts';
import { refuseTooManyIds } from '../resolvers/connections.ts';
import type { RequestContext } from '../resolvers/request-context.ts';
import type { ValueStatus } from '../src/serving/stored-value.ts';
import type { Json } from '../src/values/json-value.ts';

/** What the scalars are in this process. Instants are microseconds since 1970 UTC; see `scalars.ts` for their text. */
type Scalars = {
  ID: { Input: string; Output: string };
  DateTime: { Input: bigint; Output: bigint | Date };
  BigInt: { Input: bigint; Output: bigint };
  Date: { Input: number; Output: number };
  Bytes: { Input: Uint8Array; Output: Uint8Array };
  JSONValue: { Input: Json; Output: Json };
  JSONObject: { Input: Record<string, Json>; Output: Record<string, Json> };
  KeyValues: { Input: Json[]; Output: Json[] };
  RowValues: { Input: Json[]; Output: Json[] };
  FeatureValues: { Input: Json[]; Output: Json[] };
  ValueStatuses: { Input: ValueStatus[]; Output: ValueStatus[] };
  Timestamps: { Input: (string | null)[]; Output: (string | null)[] };
};

/**
 * Fields are non-null unless they say `nullable`: what may be missing is decided where it is declared. Connections
 * and lists have no null items.
 */
export const builder = new SchemaBuilder<{
  Context: RequestContext;
  Scalars: Scalars;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  Connection: { totalCount?: number };
}>({
  plugins: [RelayPlugin],
  defaultFieldNullability: false,
  relay: {
    cursorType: 'String',
    clientMutationId: 'omit',
    idFieldOptions: { description: 'Its id among everything: pass it to `node` to ask for it again.' },
    edgesFieldOptions: { nullable: false, description: 'The items of this page, each with its cursor.' },
    nodeFieldOptions: { nullable: false, description: 'The item itself.' },
    nodeTypeOptions: { description: 'Anything with an identity of its own, by which it can be asked for again.' },
    pageInfoTypeOptions: { description: 'Where a page stands in its list.' },
    nodeQueryOptions: {
      description: 'Looks anything up by its id; null when it is gone.',
      args: { id: { description: 'What its `id` said.' } },
    },
    nodesQueryOptions: {
      description: 'Looks several things up by their ids, in the order asked; null in the place of what is gone.',
      args: { ids: { description: 'What their `id`s said.' } },
      resolve: (_root, { ids }, { application }, _info, resolveNodes) => {
        refuseTooManyIds('ids', ids.length, application.configuration.limits);
        return resolveNodes(ids);
      },
    },
    firstArgOptions: { description: 'How many to return, from the start.' },
    afterArgOptions: { description: 'Only what comes after this cursor.' },
    lastArgOptions: { description: 'How many to return, from the end.' },
    beforeArgOptions: { description: 'Only what comes before this cursor.' },
    cursorFieldOptions: { description: 'Where this item stands: pass it as `after` to go on from here.' },
    pageInfoFieldOptions: { description: 'Where this page stands in the list.' },
    hasNextPageFieldOptions: { description: 'Whether there is more after this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether there is more before this page.' },
    startCursorFieldOptions: { description: 'The cursor of the first item of the page.' },
    endCursorFieldOptions: { description: 'The cursor of the last item of the page.' },
    encodeGlobalID: encodeGlobalId,
    decodeGlobalID: decodeGlobalId,
  },
});

builder.queryType({ description: 'Everything that can be asked.' });
builder.mutationType({ description: 'Everything that can be changed.' });
builder.subscriptionType({ description: 'Everything that can be watched, over graphql-ws.' });

builder.globalConnectionField('totalCount', (t) =>
  t.int({
    nullable: true,
    description: 'How many there are in all; null where counting them would cost too much.',
    resolve: ({ totalCount }) => totalCount,
  }),
);

/** The types that have global ids. */
export const nodeTypes: readonly string[] = [
  'Provider',
  'Entity',
  'Source',
  'FeatureView',
  'OnDemandFeatureView',
  'Feature',
  'Label',
  'TrainingSet',
  'FeatureService',
  'Model',
  'Job',
  'TrainingRun',
  'TrustedDocument',
];

/** A global id is the type's name and its reference or id, as base64url. Fails with INVALID_INPUT. */
/** The id of a node among all: its type, and what it is known by among these. */
export function encodeGlobalId(typename: string, id: string | number | bigint): string {
  return Buffer.from(`${typename}:${id}`).toString('base64url');
}

function decodeGlobalId(globalId: string): { typename: string; id: string } {
  const [, typename = '', id = ''] = /^(\w+):(.+)$/s.exec(Buffer.from(globalId, 'base64url').toString()) ?? [];
  if (nodeTypes.includes(typename)) return { typename, id };
  throw new Failure('INVALID_INPUT', `"${globalId}" is no id.`, {
    issues: [{ path: 'id', message: 'is no id', fix: 'Pass the `id` of something as it was given.' }],
  });
}
