import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from './servers/eventually.ts';
import type { TestServer } from './servers/featuregraph.ts';
import { airportDelays, knownAirports, startFederationWorld } from './servers/federation-world.ts';
import { type Gateway, type GatewayAnswer, gatewayKinds } from './servers/gateways.ts';
import { airportCode, largeDriverId, startProductTeam } from './servers/product-team.ts';
import type { SubgraphServer } from './servers/subgraph-server.ts';

const first = { faa: 'A0001', name: 'Airport A0001', city: 'City 1', delays: { meanDelay: 0.25, flights: 3 } };

/** What a gateway asked us for. */
function askedOfUs({ requests }: GatewayAnswer) {
  return requests.filter(({ subgraph }) => subgraph === 'features');
}

/** How many entities each request asks for: a gateway may put several lists into one, under other names. */
function entitiesAsked(answer: GatewayAnswer): number[] {
  return askedOfUs(answer).map(({ variables }) =>
    Object.values(variables)
      .filter(Array.isArray)
      .reduce((sum, representations) => sum + representations.length, 0),
  );
}

let server: TestServer;
let product: SubgraphServer;

before(async () => {
  server = await startFederationWorld();
  product = await startProductTeam();
});
after(async () => {
  await product.stop();
  await server.stop();
});

for (const kind of gatewayKinds) {
  describe(`${kind.name}'s gateway, over the entity graph and another team's`, () => {
    let gateway: Gateway;
    before(async () => {
      gateway = await kind.start([{ name: 'features', url: `${server.url}/subgraph` }, product]);
    });
    after(() => gateway.stop());

    test('joins their fields with ours, in lists and for single ones', async () => {
      const { data, errors } = await gateway.query(
        '{ destinations(first: 2) { faa name city delays { meanDelay flights } } fleet { name stats { trips rating } } }',
      );
      assert.equal(errors, undefined);
      assert.deepEqual(data.destinations, [
        { faa: 'A0000', name: 'Airport A0000', city: 'City 0', delays: { meanDelay: 0, flights: 0 } },
        first,
      ]);
      assert.deepEqual(data.fleet, [
        { name: 'Ada', stats: { trips: 5, rating: 4.5 } },
        { name: 'Ben', stats: { trips: 7, rating: null } },
        { name: 'Cleo', stats: { trips: 9, rating: 3.25 } },
        { name: 'Nobody whom featuregraph knows', stats: { trips: null, rating: null } },
      ]);
    });

    test('goes from their entities to ours and back, and to ours again', async () => {
      const { data, errors } = await gateway.query(
        '{ destinations(first: 1) { profile { nearest(k: 2) { score airport { faa name city delays { meanDelay flights } } } } } }',
      );
      assert.equal(errors, undefined);
      const second = { faa: 'A0002', name: 'Airport A0002', city: 'City 2', delays: { meanDelay: 0.5, flights: 6 } };
      assert.deepEqual(data.destinations, [
        {
          profile: {
            nearest: [
              { score: 1, airport: first },
              { score: 2, airport: second },
            ],
          },
        },
      ]);
    });

    test('asks us once for a thousand entities, and has each its own values', async () => {
      const answer = await gateway.query(
        'query ($first: Int!) { destinations(first: $first) { faa delays { meanDelay flights } } }',
        {
          first: knownAirports,
        },
      );
      assert.equal(answer.errors, undefined);
      assert.deepEqual(entitiesAsked(answer), [knownAirports]);
      assert.deepEqual(
        answer.data.destinations,
        Array.from({ length: knownAirports }, (_, index) => ({
          faa: airportCode(index),
          delays: airportDelays(index),
        })),
      );
    });

    test('asks us once for all views of an entity, with the variables of its own client', async () => {
      const answer = await gateway.query(
        `query ($variant: String, $k: Int!, $without: Boolean!) { destinations(first: 2) {
           again: delays(variant: $variant) { flights }
           delays { meanDelay @skip(if: $without) _status }
           ...Profile
         } }
         fragment Profile on Airport { profile { size nearest(k: $k) { score } } }`,
        { variant: 'v1', k: 1, without: true },
      );
      assert.equal(answer.errors, undefined);
      assert.deepEqual(answer.data.destinations, [
        { again: { flights: 0 }, delays: { _status: 'PRESENT' }, profile: { size: 100, nearest: [{ score: 1 }] } },
        { again: { flights: 3 }, delays: { _status: 'PRESENT' }, profile: { size: 101, nearest: [{ score: 1 }] } },
      ]);
      assert.equal(askedOfUs(answer).length, 1);
    });

    test('asks us nothing when only their fields are wanted', async () => {
      const answer = await gateway.query('{ destinations { faa name } fleet { id name } }');
      assert.equal(answer.errors, undefined);
      assert.deepEqual(askedOfUs(answer), []);
    });

    test('keeps keys beyond 2^53 exact on their way to us', async () => {
      const { data, errors } = await gateway.query('{ fleet { id stats { trips } } }');
      assert.equal(errors, undefined);
      assert.deepEqual((data.fleet as unknown[])[2], { id: largeDriverId, stats: { trips: 9 } });
    });

    test('gives what they know of an entity that we know nothing of', async () => {
      const { data, errors } = await gateway.query(
        'query ($first: Int!) { destinations(first: $first) { name delays { meanDelay _status } } }',
        { first: knownAirports + 1 },
      );
      assert.equal(errors, undefined);
      assert.deepEqual((data.destinations as unknown[]).at(-1), {
        name: `Airport ${airportCode(knownAirports)}`,
        delays: { meanDelay: null, _status: 'NOT_FOUND' },
      });
    });

    test('leaves ours standing when their entities fail', async () => {
      product.failEntities(true);
      try {
        const { data, errors = [] } = await gateway.query(
          '{ destinations(first: 1) { profile { nearest(k: 1) { score airport { faa city delays { flights } } } } } }',
        );
        const airport = { faa: 'A0001', city: null, delays: { flights: 3 } };
        assert.deepEqual(data.destinations, [{ profile: { nearest: [{ score: 1, airport }] } }]);
        assert.deepEqual([...new Set(errors.map(({ extensions }) => extensions.code))], ['OUT_OF_ORDER']);
      } finally {
        product.failEntities(false);
      }
    });

    test('says what we say of a request that asks for what there is not', async () => {
      const { data, errors = [] } = await gateway.query(
        '{ destinations(first: 2) { name delays(variant: "v9") { flights } } }',
      );
      assert.deepEqual(data.destinations, [
        { name: 'Airport A0000', delays: null },
        { name: 'Airport A0001', delays: null },
      ]);
      assert.deepEqual([...new Set(errors.map(({ extensions }) => extensions.code))], ['INVALID_INPUT']);
      assert.match(errors[0]?.message ?? '', /v9/);
    });
  });

  describe(`${kind.name}'s gateway, over the whole graph and another team's`, () => {
    let team: SubgraphServer;
    let gateway: Gateway;
    before(async () => {
      team = await startProductTeam();
      gateway = await kind.start([{ name: 'features', url: `${server.url}/graphql` }, team]);
    });
    after(async () => {
      await gateway.stop();
      await team.stop();
    });

    test('starts at our root fields and joins theirs', async () => {
      const { data, errors } = await gateway.query(
        '{ airport(faa: "A0001") { faa name city delays { meanDelay flights } } entity(ref: "airport") { name } }',
      );
      assert.equal(errors, undefined);
      assert.deepEqual(data, { airport: first, entity: { name: 'airport' } });
    });

    test('leaves ours standing when their server is gone', async () => {
      await team.stop();
      await eventually(async () => {
        const { data, errors = [] } = await gateway.query('{ airport(faa: "A0001") { faa name delays { flights } } }');
        assert.deepEqual(data.airport, { faa: 'A0001', name: null, delays: { flights: 3 } });
        assert.ok(errors.length > 0);
      });
    });
  });
}
