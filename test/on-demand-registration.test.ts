import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Issue } from '../providers/contract/failure.ts';
import type { Grant } from '../src/access/grant.ts';
import { Rights } from '../src/access/rights.ts';
import { Sensitivity } from '../src/access/sensitivity.ts';
import { entityParts, entityType } from '../src/entity-graph/entity-types.ts';
import { feastKeys, feastName, feastRequestValues } from '../src/feast/online-request.ts';
import { lineageOf } from '../src/lineage/lineage.ts';
import { Catalog } from '../src/registry/catalog.ts';
import { checkOnDemandView } from '../src/registry/on-demand/check-on-demand-view.ts';
import { draughtPlan } from '../src/registry/planning.ts';
import { deletable, registered } from '../src/registry/registered.ts';
import { requireSelection, storedFeatures } from '../src/registry/selection.ts';
import { searchedTexts } from '../src/search/searched-fields.ts';

const driver = { kind: 'ENTITY', name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] };
const rider = { kind: 'ENTITY', name: 'rider', joinKeys: [{ name: 'rider_id', type: 'INT64' }] };
const view = (name: string, entity: string, more: object = {}) => ({
  ...{ kind: 'FEATURE_VIEW', name, entity, source: 'rows', ...more },
  features: [
    { name: 'trips', type: 'INT64' },
    { name: 'rating', type: 'FLOAT64', tags: ['private'] },
  ],
});
const world = [
  { kind: 'PROVIDER', name: 'warehouse', config: { duckdb: {} } },
  { kind: 'PROVIDER', name: 'latest', config: { lmdb: {} } },
  { kind: 'SOURCE', name: 'rows', transformation: { sql: 'select 1' } },
  ...[driver, rider, view('stats', 'driver'), view('habits', 'rider')],
];

const quote = {
  kind: 'ON_DEMAND_FEATURE_VIEW',
  name: 'quote',
  inputs: [{ feature: 'stats:trips' }],
  request: [{ name: 'amount', type: 'FLOAT64' }],
  features: [{ name: 'ratio', expression: 'request.amount / double(trips)' }],
};
const both = {
  ...quote,
  name: 'both',
  inputs: [{ feature: 'stats:trips', alias: 'driven' }, { feature: 'habits:trips' }, { feature: 'habits:rating' }],
  features: [
    { name: 'more', expression: 'driven > trips' },
    { name: 'rated', expression: 'rating * 2.0' },
  ],
};

function planned(...definitions: object[]) {
  const issues: Issue[] = [];
  const { after, steps } = draughtPlan(new Catalog([], []), [...world, ...definitions], issues);
  for (const { resource, at } of steps) {
    if (resource.definition.kind !== 'ON_DEMAND_FEATURE_VIEW') continue;
    const report = (path: string, message: string) => issues.push({ path: `definitions[${at}].${path}`, message });
    checkOnDemandView(resource as never, { catalog: after }, report);
  }
  const own = issues.map(({ path, message }) => [path.replace(/^definitions\[\d+\]\./, ''), message.split('\n')[0]]);
  return { catalog: after, issues: own };
}

describe('an on-demand feature view', () => {
  test('has features of the types of their expressions, upstream of which are its inputs', () => {
    const { catalog, issues } = planned(quote, both);
    assert.deepEqual(issues, []);
    const ratio = registered(catalog, 'FEATURE', 'quote:ratio');
    assert.equal(ratio.definition.type, 'FLOAT64');
    const upstream = lineageOf(catalog, ratio, 'UPSTREAM').nodes.map(({ ref }) => ref);
    assert.deepEqual(upstream.toSorted(), [
      ...[
        'driver@v1',
        'latest@v1',
        'quote@v1',
        'quote@v1:ratio',
        'rows@v1',
        'stats@v1',
        'stats@v1:trips',
        'warehouse@v1',
      ],
    ]);
    assert.throws(() => deletable(catalog, 'FEATURE_VIEW', 'stats'), /still used by 2 other resources/);
    const gone = deletable(catalog, 'ON_DEMAND_FEATURE_VIEW', 'quote').map(({ ref }) => ref);
    assert.deepEqual(gone, ['quote@v1:ratio', 'quote@v1']);
    assert.equal(searchedTexts(ratio, []).VIEW, 'quote');
  });

  test('is refused with the place of what is wrong', () => {
    const wrong = (change: object) => planned({ ...quote, ...change }).issues;
    const expression = (text: string) => wrong({ features: [{ name: 'ratio', expression: text }] });
    assert.deepEqual(expression('request.amount / trips'), [
      ['features[0].expression', '1:16: double / int does not exist'],
      ['features[0].expression', '1:16: double / int does not exist'],
    ]);
    assert.match(String(expression('1 +')[0]), /^features\[0\].expression,1:/);
    assert.deepEqual(wrong({ features: [{ ...quote.features[0], type: 'INT64' }] })[0], [
      'features[0].type',
      '"ratio" is INT64, and its expression gives FLOAT64.',
    ]);
    assert.deepEqual(wrong({ inputs: [{ feature: 'stats:trips' }, { feature: 'habits:trips' }] })[0], [
      'inputs[1]',
      '"trips" is already the name of inputs[0].',
    ]);
    const amounts = [...quote.request, { name: 'Amount', type: 'INT64' }];
    assert.deepEqual(wrong({ request: amounts })[0]?.[0], 'request[1].name');
    assert.match(
      String(wrong({ request: [...quote.request, { name: 'variant', type: 'INT64' }] })[0]),
      /argument "variant"/,
    );
    assert.match(
      String(wrong({ inputs: [{ feature: 'stats:trips', lag: '1d' }] })[0]),
      /inputs\[0\].lag,has no meaning/,
    );
    for (const name of ['in', 'true', 'null'])
      assert.deepEqual(
        wrong({ request: [...quote.request, { name, type: 'INT64' }] }).find(([path]) => path === 'request[1].name'),
        ['request[1].name', `"${name}" is no name in an expression.`],
      );
    assert.deepEqual(
      wrong({ inputs: [...quote.inputs, { feature: 'habits:trips', alias: 'in' }] }).find(
        ([path]) => path === 'inputs[1]',
      ),
      ['inputs[1]', '"in" is no name in an expression.'],
    );
    const chained = planned(quote, { ...quote, name: 'more', inputs: [{ feature: 'quote:ratio', alias: 'trips' }] });
    assert.match(String(chained.issues[0]), /inputs\[0\].feature,quote@v1:ratio is computed on demand itself/);
  });

  test('takes the role that it is asked for in where its inputs are of one entity, and has none where not', () => {
    const { catalog } = planned(quote, both);
    const [asked] = requireSelection(catalog, [{ feature: 'quote:ratio', role: 'second' }]);
    assert.deepEqual([asked?.as, asked?.role], ['second_ratio', 'second']);
    assert.throws(() => requireSelection(catalog, [{ feature: 'both:more', role: 'second' }]), /not valid/);
    const [more] = requireSelection(catalog, [{ feature: 'both:more' }]);
    assert.deepEqual(
      storedFeatures(more ? [more] : []).map(({ role, as }) => `${role} ${as}`),
      ['driver driven', 'rider trips', 'rider rating'],
    );
    const types = entityParts(catalog).map((parts) => entityType(parts));
    assert.deepEqual(
      types.map(({ onDemand }) => onDemand.map(({ name }) => name)),
      [['DriverQuote'], []],
    );
  });

  test('is sensitive where an input is, and needs no right to its inputs', () => {
    const { catalog } = planned(quote, both);
    const grant = { grantee: { kind: 'USER', name: 'a' }, sensitive: false, createdBy: 'b', createdAt: new Date(0) };
    const grants = ['quote', 'both'].map(
      (ref, at): Grant => ({
        ...{ id: `${at}`, role: 'MODEL', selector: { ref }, ...grant },
        grantee: { kind: 'USER', name: 'a' },
      }),
    );
    const rights = Rights.of(grants, new Sensitivity(['private']));
    const may = (reference: string) => rights.allowsValues('SERVE', registered(catalog, 'FEATURE', reference), catalog);
    assert.deepEqual([may('quote:ratio'), may('both:rated'), may('stats:trips')], [true, false, false]);
    const servable = rights.servable(catalog);
    assert.deepEqual(requireSelection(servable, [{ feature: 'quote:ratio' }]).length, 1);
  });

  test('is served as Feast serves one, with the values of the request among the entities', () => {
    const { catalog } = planned(quote);
    const features = requireSelection(catalog, [{ feature: 'quote:ratio' }]);
    const request = { features: [], entities: { driver_id: [1], amount: [2] }, full_feature_names: true };
    assert.deepEqual(feastRequestValues(features, request), [{ name: 'amount', values: [2] }]);
    assert.deepEqual(
      feastKeys(features, request).map(({ name, columns }) => [name, columns.length]),
      [
        ['driver_id', 1],
        ['amount', 0],
      ],
    );
    assert.deepEqual(
      features.map((one) => feastName(one, request)),
      ['quote__ratio'],
    );
  });
});
