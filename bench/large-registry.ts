import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@featuregraph/client';
import { baseDefinitions, chainDefinitions, files, registryCases, wideDefinitions } from './hostile/large-registry.ts';
import { asked, measured, startServer } from './hostile/measured-server.ts';
import { closeConnections } from './http-requests.ts';

/**
 * How long others wait, and how long the server's event loop is held, while a registry of some 13,000 resources is made, asked
 * and changed. Words as arguments pick cases.
 */
const words = process.argv.slice(2);
const isWanted = (name: string) => words.length === 0 || words.some((word) => name.includes(word));
const cheap =
  '{ onlineFeatures(select: { features: [{ feature: "served:value_0" }] }, keys: [{ joinKey: "id", values: [1] }]) { columns { values } } }';

const home = await mkdtemp(join(tmpdir(), 'featuregraph-bench-'));
for (const [name, text] of Object.entries(files)) await writeFile(join(home, name), text);
const server = await startServer(home, ['--server-only']);
const client = connect({ url: server.url });
const results: object[] = [];
const tell = async (name: string, work: Parameters<typeof measured>[3]) => {
  const result = await measured(server, cheap, name, work).catch((error) => ({ request: name, error: String(error) }));
  process.stdout.write(`${JSON.stringify(result)}\n`);
  results.push(result);
};
const register = (definitions: ReturnType<typeof wideDefinitions>) => () => {
  const query = 'mutation ($definitions: [DefinitionInput!]!) { apply(definitions: $definitions) { steps { ref } } }';
  return asked(server.url, JSON.stringify({ query, variables: { definitions } }));
};
try {
  await client.apply(baseDefinitions());
  await tell('registering what is wide', register(wideDefinitions()));
  await tell('registering the chain', register(chainDefinitions()));
  for (const { name, work } of registryCases.filter((one) => isWanted(one.name)))
    await tell(name, () => work(server.url, client));
  console.table(results);
} finally {
  await client.close();
  closeConnections();
  await server.kill();
  await rm(home, { recursive: true, force: true });
}
