/** What a client sends that costs more than it should. */
export type HostileCase = { name: string; body: () => string };

/** A view of one embedding and many numbers, of one entity; enough views that a lineage is large. */
export const world = { views: 40, featuresOfView: 50, dimensions: 8, rows: 2_000 } as const;

const request = (query: string, variables: object = {}) => JSON.stringify({ query, variables });

const numbers = Array.from({ length: world.featuresOfView }, (_, at) => `value_${at}`);

const lineage = (levels: number): string =>
  levels === 0 ? 'ref' : `ref lineage { nodes { ${lineage(levels - 1)} } edges { from { ref } to { ref } } }`;

const nearest = (levels: number): string =>
  levels === 0 ? 'id' : `id profile { nearest(k: 100) { score driver { ${nearest(levels - 1)} } } }`;

const keys = Array.from({ length: 10_000 }, (_, at) => ({ id: at }));

const wrongRows = Array.from({ length: 10_000 }, (_row, at) => {
  return Object.fromEntries([['id', at] as const, ...numbers.map((name) => [name, 'wrong'] as const)]);
});

const unknownId = (at: number) =>
  Buffer.from(`Job:00000000-0000-4000-8000-${String(at).padStart(12, '0')}`).toString('base64url');

/** Each value of it takes nearly all the steps that a row may take. */
export const costlyExpressions = {
  pairs: 'request.codes.exists(one, request.codes.exists(other, one * other < 0))',
  pattern: 'request.text.matches("(?i)(.*a){10}\\\\b")',
  search: 'request.codes.exists(one, request.text.contains("b"))',
} as const;

const costlyNames = Object.keys(costlyExpressions);
const codes = Array.from({ length: 260 }, (_, at) => at);
const text = 'a'.repeat(1_800);
const fewKeys = keys.slice(0, 100);

export const hostileCases: readonly HostileCase[] = [
  {
    name: 'search of 1 MB',
    body: () =>
      request('query ($text: String!) { resources(search: $text) { totalCount } }', { text: 'value '.repeat(170_000) }),
  },
  {
    name: 'nodes of 5,000 unknown ids',
    body: () =>
      request('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
        ids: Array.from({ length: 5_000 }, (_, at) => unknownId(at)),
      }),
  },
  {
    name: 'nodes of 1,000 unknown ids',
    body: () =>
      request('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
        ids: Array.from({ length: 1_000 }, (_, at) => unknownId(at)),
      }),
  },
  { name: 'lineage, nested once', body: () => request(`{ source(ref: "values") { ${lineage(1)} } }`) },
  { name: 'lineage, nested thrice', body: () => request(`{ source(ref: "values") { ${lineage(3)} } }`) },
  { name: 'lineage, nested twice', body: () => request(`{ source(ref: "values") { ${lineage(2)} } }`) },
  {
    name: '10,000 keys × 100 aliases',
    body: () => {
      const fields = Array.from({ length: 100 }, (_, at) => `an_alias_${at}: value${at % world.featuresOfView}`);
      return request(`query ($keys: [DriverKey!]!) { driverList(keys: $keys) { facts0 { ${fields.join(' ')} } } }`, {
        keys,
      });
    },
  },
  {
    name: '10,000 keys × 20 fields',
    body: () => {
      const fields = Array.from({ length: 20 }, (_, at) => `value${at}`);
      return request(`query ($keys: [DriverKey!]!) { driverList(keys: $keys) { facts0 { ${fields.join(' ')} } } }`, {
        keys,
      });
    },
  },
  {
    name: 'onlineFeatures, 10,000 keys × 50',
    body: () =>
      request(
        `query ($features: [SelectedFeatureInput!]!, $ids: KeyValues!) {
          onlineFeatures(select: { features: $features }, keys: [{ joinKey: "id", values: $ids }]) { columns { values statuses } }
        }`,
        { features: numbers.map((name) => ({ feature: `facts_0:${name}` })), ids: keys.map(({ id }) => id) },
      ),
  },
  {
    name: 'onlineFeatures, 100 keys × 3 costly expressions',
    body: () =>
      request(
        `query ($features: [SelectedFeatureInput!]!, $ids: KeyValues!, $request: [RequestColumnInput!]!) {
          onlineFeatures(select: { features: $features }, keys: [{ joinKey: "id", values: $ids }], request: $request) {
            columns { values statuses }
          }
        }`,
        {
          features: costlyNames.map((name) => ({ feature: `costly:${name}` })),
          ids: fewKeys.map(({ id }) => id),
          request: [
            { name: 'codes', values: fewKeys.map(() => codes) },
            { name: 'text', values: fewKeys.map(() => text) },
          ],
        },
      ),
  },
  {
    name: '100 keys × 3 costly expressions',
    body: () =>
      request(
        `query ($keys: [DriverKey!]!, $codes: [BigInt!]!, $text: String!) {
          driverList(keys: $keys) { costly(codes: $codes, text: $text) { ${costlyNames.join(' ')} } }
        }`,
        { keys: fewKeys, codes, text },
      ),
  },
  { name: 'nearest of 100, nested thrice', body: () => request(`{ driver(id: 1) { ${nearest(3)} } }`) },
  { name: 'nearest of 100', body: () => request(`{ driver(id: 1) { ${nearest(1)} } }`) },
  {
    name: 'plan of 10,000 wrong definitions',
    body: () => {
      const definitions = Array.from({ length: 10_000 }, (_, at) => ({
        entity: { name: `1wrong_${at}`, joinKeys: [{ name: 'id', type: 'NOTHING' }] },
      }));
      return request(
        'query ($definitions: [DefinitionInput!]!) { plan(definitions: $definitions) { issues { path } } }',
        { definitions },
      );
    },
  },
  {
    name: 'plan of 1,000 wrong definitions',
    body: () => {
      const definitions = Array.from({ length: 1_000 }, (_, at) => ({
        entity: { name: `1wrong_${at}`, joinKeys: [{ name: 'id', type: 'NOTHING' }] },
      }));
      return request(
        'query ($definitions: [DefinitionInput!]!) { plan(definitions: $definitions) { issues { path } } }',
        { definitions },
      );
    },
  },
  {
    name: 'plan of 2,000 definitions',
    body: () => {
      const definitions = Array.from({ length: 2_000 }, (_, at) => ({
        entity: { name: `other_${at}`, joinKeys: [{ name: 'id', type: 'INT64' }] },
      }));
      return request(
        'query ($definitions: [DefinitionInput!]!) { plan(definitions: $definitions) { issues { path } } }',
        { definitions },
      );
    },
  },
  {
    name: '30 MB of comments',
    body: () => request(`${'# a comment of some words\n'.repeat(1_200_000)}{ __typename }`),
  },
  { name: 'one field 20,000 times', body: () => request(`{ ${'__typename '.repeat(20_000)} }`) },
  { name: 'one field 5,000 times', body: () => request(`{ ${'__typename '.repeat(5_000)} }`) },
  {
    name: 'push of 10,000 × 50 wrong fields',
    body: () =>
      request('mutation ($rows: [JSONObject!]!) { pushFeatures(view: "facts_0", rows: $rows) { written } }', {
        rows: wrongRows,
      }),
  },
  {
    name: 'push of 10,000 × 50',
    body: () => {
      const rows = keys.map(({ id }) =>
        Object.fromEntries([['id', id] as const, ...numbers.map((name, at) => [name, at] as const)]),
      );
      return request('mutation ($rows: [JSONObject!]!) { pushFeatures(view: "facts_0", rows: $rows) { written } }', {
        rows,
      });
    },
  },
];
