import type { ResourceKind } from '../generated/operations.ts';
import { pythonConstants } from './definition-text.ts';

export type Snippet = { name: string; text: string };
type Key = { role: string; joinKey: string; value: string };
/** A value that comes with a request, as JSON has it. */
type RequestValue = { name: string; value: string };

/** What snippets speak of: a resource, and keys of which it has values, where it is one that is served. */
export type SnippetSubject = {
  kind: ResourceKind;
  ref: string;
  field: string;
  url: string;
  keys: readonly Key[];
  request: readonly RequestValue[];
};

/** How to ask for a resource from elsewhere: each runs as it stands, where its server asks for no key. */
export function snippets(of: SnippetSubject): Snippet[] {
  const query = queryOf(of);
  const body = JSON.stringify({ query: query.replaceAll(/\s+/g, ' ').trim() });
  return [
    { name: 'GraphQL', text: query },
    {
      name: 'curl',
      text: `curl -s ${of.url}/graphql -H 'content-type: application/json' \\\n  -H "authorization: Bearer $FEATUREGRAPH_API_KEY" \\\n  -d '${body.replaceAll("'", "'\\''")}'\n`,
    },
    { name: 'TypeScript', text: typescript(of) },
    { name: 'Python', text: python(of) },
    {
      name: 'Command line',
      text: `featuregraph get ${of.kind.toLowerCase().replaceAll('_', '-')} ${of.ref} --url ${of.url}\n`,
    },
  ];
}

const isServed = ({ kind, keys }: SnippetSubject) => ['FEATURE_SERVICE', 'FEATURE'].includes(kind) && keys.length > 0;

function queryOf(of: SnippetSubject): string {
  const ref = JSON.stringify(of.ref);
  if (isServed(of)) {
    const select = of.kind === 'FEATURE' ? `features: [{ feature: ${ref} }]` : `service: ${ref}`;
    const keys = of.keys.map(
      ({ role, joinKey, value }) => `{ role: "${role}", joinKey: "${joinKey}", values: [${value}] }`,
    );
    const written = keys.length > 2 ? `[\n    ${keys.join('\n    ')}\n  ]` : `[${keys.join(', ')}]`;
    return `query Online {\n  onlineFeatures(select: { ${select} }, keys: ${written}${requestOf(
      of,
      ({ name, value }) => `{ name: "${name}", values: [${value}] }`,
      (all) => `, request: [${all}]`,
    )}) {\n    columns { name values statuses eventTimestamps }\n  }\n}\n`;
  }
  const rows = of.kind === 'TRAINING_SET' ? '\n    rows(first: 10) { columns { name type } edges { node } }' : '';
  return `query Get {\n  ${of.field}(ref: ${ref}) {\n    ref\n    status\n    definition${rows}\n  }\n}\n`;
}

/** What on-demand features are computed of besides; nothing where there are none. */
function requestOf(
  { request }: SnippetSubject,
  one: (value: RequestValue) => string,
  written: (all: string) => string,
): string {
  return request.length === 0 ? '' : written(request.map(one).join(', '));
}

const connectTypescript = (url: string) =>
  `import { connect } from '@featuregraph/client';\n\nconst featuregraph = connect({ url: '${url}', apiKey: process.env.FEATUREGRAPH_API_KEY });\n`;

function typescript(of: SnippetSubject): string {
  const { kind, ref, url } = of;
  const close = 'await featuregraph.close();\n';
  if (isServed(of)) {
    const select = kind === 'FEATURE' ? `{ features: [{ feature: '${ref}' }] }` : `{ service: '${ref}' }`;
    const keys = of.keys.map(
      ({ role, joinKey, value }) => `{ role: '${role}', joinKey: '${joinKey}', values: [${value}] }`,
    );
    return `${connectTypescript(url)}const { columns } = await featuregraph.onlineFeatures(${select}, [${keys.join(', ')}]${requestOf(
      of,
      ({ name, value }) => `${name}: [${value}]`,
      (all) => `, { request: { ${all} } }`,
    )});\nfor (const { name, values } of columns) console.log(name, values[0]);\n${close}`;
  }
  if (kind === 'TRAINING_SET')
    return `${connectTypescript(url)}for await (const row of featuregraph.trainingSet('${ref}').rows()) console.log(row);\n${close}`;
  return `${connectTypescript(url)}const { resource } = await featuregraph.operations.Resource({ kind: '${kind}', ref: '${ref}' });\nconsole.log(resource);\n${close}`;
}

function python(of: SnippetSubject): string {
  const { kind, ref, url } = of;
  const head = `import os\n\nimport featuregraph as fg\n\ngraph = fg.connect("${url}", api_key=os.environ.get("FEATUREGRAPH_API_KEY"))\n`;
  if (isServed(of)) {
    const select = kind === 'FEATURE' ? `["${ref}"]` : `"${ref}"`;
    const hasRoles = new Set(of.keys.map(({ role }) => role)).size > 1;
    const keys = of.keys.map(
      ({ role, joinKey, value }) => `"${hasRoles ? `${role}_` : ''}${joinKey}": ${pythonOf(value)}`,
    );
    return `${head}print(graph.online(${select}, {${keys.join(', ')}}${requestOf(
      of,
      ({ name, value }) => `"${name}": ${pythonOf(value)}`,
      (all) => `, request={${all}}`,
    )}))\n`;
  }
  if (kind === 'TRAINING_SET') return `${head}print(graph.training_set("${ref}").to_polars())\n`;
  return `${head}print(graph.lineage("${kind}", "${ref}"))\n`;
}

function pythonOf(json: string): string {
  return pythonConstants[json] ?? json;
}
