import type { Grant } from '../src/access/grant.ts';
import { Rights } from '../src/access/rights.ts';
import { Sensitivity } from '../src/access/sensitivity.ts';
import { Catalog } from '../src/registry/catalog.ts';
import { draughtPlan } from '../src/registry/planning.ts';

/**
 * What it costs that many principals are each bound to something of a large registry: the first request of one after a
 * change of the registry, each later one, and the memory that all of them take together.
 */
const [views, featuresOfView] = [200, 50];
const principals = 1_000;

const features = Array.from({ length: featuresOfView }, (_, at) => ({ name: `value_${at}`, type: 'FLOAT64' }));
const definitions = [
  { kind: 'PROVIDER', name: 'warehouse', config: { duckdb: {} } },
  { kind: 'PROVIDER', name: 'latest', config: { lmdb: {} } },
  { kind: 'SOURCE', name: 'rows', transformation: { sql: 'select 1' } },
  { kind: 'ENTITY', name: 'driver', joinKeys: [{ name: 'id', type: 'INT64' }] },
  ...Array.from({ length: views }, (_, at) => ({
    ...{ kind: 'FEATURE_VIEW', name: `facts_${at}`, entity: 'driver', source: 'rows', tags: [`team_${at % 20}`] },
    features: at % 10 === 0 ? features.map((one) => ({ ...one, tags: ['pii'] })) : features,
  })),
  ...Array.from({ length: principals }, (_, at) => ({
    kind: 'FEATURE_SERVICE',
    name: `service_${at}`,
    features: Array.from({ length: 20 }, (_one, place) => ({
      feature: `facts_${(at + place) % views}:value_${place}`,
      alias: `input_${place}`,
    })),
  })),
];

function catalog(): Catalog {
  const { after } = draughtPlan(new Catalog([], []), definitions, []);
  return after;
}

function grantsOf(at: number): Grant[] {
  const by = { grantee: { kind: 'API_KEY' as const, name: `key_${at}` }, createdBy: 'bench', createdAt: new Date() };
  const own = { kind: 'FEATURE_SERVICE' as const, ref: `service_${at}` };
  return [
    { ...by, id: `serve-${at}`, role: 'MODEL', selector: own, sensitive: false },
    { ...by, id: `read-${at}`, role: 'READER', selector: { tag: `team_${at % 20}` }, sensitive: false },
  ];
}

const sensitivity = new Sensitivity(['pii']);
const all = Array.from({ length: principals }, (_, at) => Rights.of(grantsOf(at), sensitivity));

/** What a request of one principal asks: its service, the features of it, and what it sees. */
function asked(rights: Rights, of: Catalog, at: number): number {
  const service = of.find('FEATURE_SERVICE', `service_${at}`);
  if (service === undefined || !rights.allows('SERVE', service, of)) throw new Error('a key serves its own service');
  const allowed = service.definition.features.filter(({ feature }) => {
    const found = of.find('FEATURE', feature);
    return found !== undefined && rights.allowsValues('SERVE', found, of);
  });
  return allowed.length + rights.visible(of).resources.length + rights.servable(of).resources.length;
}

function timed(run: (rights: Rights, at: number) => void): { median: string; worst: string } {
  const took = all.map((rights, at) => {
    const began = performance.now();
    run(rights, at);
    return performance.now() - began;
  });
  const sorted = took.toSorted((one, other) => one - other);
  const shown = (value = Number.NaN) => `${(value * 1_000).toFixed(0)} µs`;
  return { median: shown(sorted[sorted.length >> 1]), worst: shown(sorted.at(-1)) };
}

function usedMegabytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}

const registered = catalog();
const before = usedMegabytes();
const first = timed((rights, at) => void asked(rights, registered, at));
const held = usedMegabytes() - before;
const later = timed((rights, at) => void asked(rights, registered, at));
const changed = catalog();
const afterChange = timed((rights, at) => void asked(rights, changed, at));
console.log(
  `${registered.resources.length} resources, ${principals} principals, ${held.toFixed(0)} MB (with --expose-gc)`,
);
console.table({ 'first request': first, 'later ones': later, 'first after a change': afterChange });
