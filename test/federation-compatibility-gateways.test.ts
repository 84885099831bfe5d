import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import {
  type ConstArgumentNode,
  type ConstDirectiveNode,
  type DefinitionNode,
  type FieldDefinitionNode,
  Kind,
  parse,
  print,
} from 'graphql';
import { eventually } from './servers/eventually.ts';
import type { TestServer } from './servers/featuregraph.ts';
import { startFederationWorld } from './servers/federation-world.ts';
import { fetchSdl, type Gateway, type GatewayKind, gatewayKinds, serviceDefinition } from './servers/gateways.ts';
import { type Resolvers, startSubgraph } from './servers/subgraph-server.ts';

/*
 * What Apollo's suite for libraries of subgraphs asks of one, by the names of its cases, and what has come to federation
 * since: here a gateway asks it. Where a directive is one that other teams write, their subgraph has it, on types and
 * fields that are ours too.
 */

let server: TestServer;
before(async () => {
  server = await startFederationWorld();
});
after(() => server.stop());

function link(imports: string, rest = ''): string {
  return `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: [${imports}]) ${rest}\n`;
}

type Team = { sdl: string; resolvers: Resolvers };

/** Our subgraph behind a gateway, with those of some other teams. */
async function behind(context: TestContext, kind: GatewayKind, ...teams: Team[]): Promise<Gateway> {
  const started = await Promise.all(teams.map((team, at) => startSubgraph(`team${at}`, team.sdl, team.resolvers)));
  context.after(() => Promise.all(started.map((team) => team.stop())));
  const gateway = await kind.start([{ name: 'features', url: `${server.url}/subgraph` }, ...started]);
  context.after(() => gateway.stop());
  return gateway;
}

async function answered(gateway: Gateway, query: string): Promise<Record<string, unknown>> {
  const { data, errors } = await gateway.query(query);
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

/** The supergraph of ours and theirs. */
async function composed(kind: GatewayKind, theirs: string): Promise<string> {
  const ours = await serviceDefinition({ name: 'features', url: `${server.url}/subgraph` });
  const answer = kind.compose([ours, { name: 'product', url: 'http://product', typeDefs: parse(theirs) }]);
  assert.ok('supergraph' in answer, JSON.stringify(answer));
  return answer.supergraph;
}

for (const kind of gatewayKinds) {
  describe(`behind ${kind.name}'s gateway`, () => {
    const __resolveReference = (known: object) => known;
    const hub = { faa: 'A0001' };

    test('@key composite: what is known by an object of theirs is joined by a flat key beside it', async (context) => {
      const places = `${link('"@key"')}
        type Query { places: [Airport!]! }
        type Airport @key(fields: "place { code }") { place: Place! }
        type Place @key(fields: "code") { code: ID! }`;
      const airports = `${link('"@key"')}
        type Airport @key(fields: "faa") @key(fields: "place { code }") { faa: String! place: Place! }
        type Place @key(fields: "code") { code: ID! }`;
      const airportOf = ({ place: { code } }: { place: { code: string } }) => ({ faa: `A000${code}`, place: { code } });
      const gateway = await behind(
        context,
        kind,
        { sdl: places, resolvers: { Query: { places: () => [{ place: { code: '2' } }] } } },
        { sdl: airports, resolvers: { Airport: { __resolveReference: airportOf } } },
      );
      assert.deepEqual(await answered(gateway, '{ places { place { code } delays { flights } } }'), {
        places: [{ place: { code: '2' }, delays: { flights: 6 } }],
      });
    });

    test('repeatable @key: their type is known by the second of ours', async (context) => {
      const gateway = await behind(context, kind, {
        sdl: `${link('"@key"')} type Query { planes: [Plane!]! } type Plane @key(fields: "registration") { registration: String! }`,
        resolvers: { Query: { planes: () => [{ registration: 'N2' }] }, Plane: { __resolveReference } },
      });
      assert.deepEqual(await answered(gateway, '{ planes { tailnum facts { seats } } }'), {
        planes: [{ tailnum: 'N2', facts: { seats: 200 } }],
      });
    });

    test('@key(resolvable: false): they know no more than our key', async (context) => {
      const gateway = await behind(context, kind, {
        sdl: `${link('"@key"')} scalar BigInt
          type Query { best: Driver! } type Driver @key(fields: "id", resolvable: false) { id: BigInt! }`,
        resolvers: { Query: { best: () => ({ id: 2 }) } },
      });
      assert.deepEqual(await answered(gateway, '{ best { id stats { trips } } }'), {
        best: { id: 2, stats: { trips: 7 } },
      });
    });

    test('@requires: they compute a field from a feature of ours', async (context) => {
      const gateway = await behind(context, kind, {
        sdl: `${link('"@key", "@external", "@requires"')}
          type Query { hub: Airport! }
          type Airport @key(fields: "faa") {
            faa: String!
            delays(variant: String): AirportDelays @external
            late: Boolean @requires(fields: "delays { meanDelay }")
          }
          type AirportDelays { meanDelay: Float @external }`,
        resolvers: {
          Query: { hub: () => hub },
          Airport: {
            __resolveReference,
            late: ({ delays }: { delays: { meanDelay: number } | null }) => delays && delays.meanDelay > 0.2,
          },
        },
      });
      assert.deepEqual(await answered(gateway, '{ hub { late } }'), { hub: { late: true } });
    });

    test('@provides: what they have of a third team at hand is not asked for, and ours is', async (context) => {
      const gateway = await behind(
        context,
        kind,
        {
          sdl: `${link('"@key", "@external", "@provides"')}
            type Query { hub: Airport! @provides(fields: "city") }
            type Airport @key(fields: "faa") { faa: String! city: String @external }`,
          resolvers: { Query: { hub: () => ({ ...hub, city: 'at hand' }) } },
        },
        {
          sdl: `${link('"@key", "@shareable"')} type Airport @key(fields: "faa") { faa: String! city: String @shareable }`,
          resolvers: { Airport: { __resolveReference: () => assert.fail('it was asked for') } },
        },
      );
      assert.deepEqual(await answered(gateway, '{ hub { city delays { flights } } }'), {
        hub: { city: 'at hand', delays: { flights: 3 } },
      });
    });

    test('@external and @extends: a type as Federation 1 extends it', async (context) => {
      const gateway = await behind(context, kind, {
        sdl: `${link('"@key", "@external", "@extends"')}
          type Query { hub: Airport! }
          type Airport @extends @key(fields: "faa") { faa: String! @external name: String }`,
        resolvers: { Query: { hub: () => ({ ...hub, name: 'Hub' }) }, Airport: { __resolveReference } },
      });
      assert.deepEqual(await answered(gateway, '{ hub { name delays { flights } } }'), {
        hub: { name: 'Hub', delays: { flights: 3 } },
      });
    });

    test('Federation 1: a subgraph without @link', async (context) => {
      const gateway = await behind(context, kind, {
        sdl: 'type Query { hub: Airport! } extend type Airport @key(fields: "faa") { faa: String! @external name: String }',
        resolvers: { Query: { hub: () => ({ ...hub, name: 'Hub' }) }, Airport: { __resolveReference } },
      });
      assert.deepEqual(await answered(gateway, '{ hub { name delays { flights } } }'), {
        hub: { name: 'Hub', delays: { flights: 3 } },
      });
    });

    test('@link: another version of federation, with another name for its directive', async (context) => {
      const gateway = await behind(context, kind, {
        sdl: `extend schema
            @link(url: "https://specs.apollo.dev/federation/v2.0", import: [{ name: "@key", as: "@primaryKey" }])
          type Query { hub: Airport! } type Airport @primaryKey(fields: "faa") { faa: String! }`,
        resolvers: { Query: { hub: () => hub }, Airport: { __resolveReference } },
      });
      assert.deepEqual(await answered(gateway, '{ hub { delays { flights } } }'), { hub: { delays: { flights: 3 } } });
    });

    test('@shareable: a field that two other teams have beside ours', async (context) => {
      const shared = `${link('"@key", "@shareable"')} type Airport @key(fields: "faa") { faa: String! city: String @shareable }`;
      const resolvers = { Airport: { __resolveReference: ({ faa }: { faa: string }) => ({ faa, city: 'Rome' }) } };
      const gateway = await behind(
        context,
        kind,
        {
          sdl: `${shared} type Query { hub: Airport! }`,
          resolvers: { ...resolvers, Query: { hub: () => ({ ...hub, city: 'Rome' }) } },
        },
        { sdl: shared, resolvers },
      );
      assert.deepEqual(await answered(gateway, '{ hub { city delays { flights } } }'), {
        hub: { city: 'Rome', delays: { flights: 3 } },
      });
    });

    test('@override: a view of ours becomes theirs, with all its fields', async (context) => {
      const gateway = await behind(context, kind, {
        sdl: takingOver(await fetchSdl(`${server.url}/subgraph`), 'Plane', 'facts'),
        resolvers: {
          Query: { planes: () => [{ tailnum: 'N1', registration: 'N1' }] },
          Plane: { __resolveReference, facts: () => ({ seats: 99 }) },
        },
      });
      assert.deepEqual(await answered(gateway, '{ planes { tailnum facts { seats } } }'), {
        planes: [{ tailnum: 'N1', facts: { seats: 99 } }],
      });
    });

    test('@inaccessible: their key field is kept from clients, and joins all the same', async (context) => {
      const gateway = await behind(context, kind, {
        sdl: `${link('"@key", "@inaccessible"')}
          type Query { hub: Airport! } type Airport @key(fields: "faa") { faa: String! @inaccessible name: String }`,
        resolvers: { Query: { hub: () => ({ ...hub, name: 'Hub' }) }, Airport: { __resolveReference } },
      });
      assert.deepEqual(await answered(gateway, '{ hub { name delays { flights } } }'), {
        hub: { name: 'Hub', delays: { flights: 3 } },
      });
      assert.ok((await gateway.query('{ hub { faa } }')).errors);
    });

    test('@inaccessible: a feature of ours is kept from clients, and given to another subgraph', async (context) => {
      await server.client.operations.UpdateResource({
        kind: 'FEATURE',
        ref: 'chauffeur_stats:rating',
        patch: { inaccessible: true },
      });
      await eventually(async () =>
        assert.match(await fetchSdl(`${server.url}/subgraph`), /rating: Float @inaccessible/),
      );
      const gateway = await behind(context, kind, {
        sdl: `${link('"@key", "@external", "@requires"')} scalar BigInt
          type Query { best: Driver! }
          type Driver @key(fields: "id") {
            id: BigInt!
            stats(variant: String): DriverStats @external
            bonus: Float @requires(fields: "stats { rating }")
          }
          type DriverStats { rating: Float @external }`,
        resolvers: {
          Query: { best: () => ({ id: 1 }) },
          Driver: { __resolveReference, bonus: ({ stats }: { stats: { rating: number } }) => stats.rating * 100 },
        },
      });
      assert.deepEqual(await answered(gateway, '{ best { bonus stats { trips } } }'), {
        best: { bonus: 450, stats: { trips: 5 } },
      });
      const { data, errors = [] } = await gateway.query('{ best { stats { rating } } }');
      assert.deepEqual(data, {});
      assert.match(errors[0]?.message ?? '', /rating/);
    });

    test('@tag: theirs and ours are in one supergraph', async () => {
      const theirs = `${link('"@key", "@tag"')}
        type Query { hub: Airport! } type Airport @key(fields: "faa") { faa: String! name: String @tag(name: "partners") }`;
      const supergraph = await composed(kind, theirs);
      assert.match(supergraph, /name: String .*@tag\(name: "partners"\)/);
      assert.match(supergraph, /meanDelay: Float .*@tag\(name: "partners"\)/);
      assert.match(supergraph, /delays\(.*?\): AirportDelays .*@tag\(name: "public"\)/s);
    });

    test('@composeDirective: theirs comes through beside ours', async () => {
      const theirs = `${link(
        '"@key", "@composeDirective"',
        '@link(url: "https://example.com/units/v1.0", import: ["@unit"]) @composeDirective(name: "@unit")',
      )}
        directive @unit(name: String!) on FIELD_DEFINITION
        type Query { hub: Airport! } type Airport @key(fields: "faa") { faa: String! height: Float @unit(name: "ft") }`;
      const supergraph = await composed(kind, theirs);
      assert.match(supergraph, /height: Float .*@unit\(name: "ft"\)/);
    });

    test('@authenticated, @requiresScopes and @policy: theirs, on the type that is ours too', async () => {
      const theirs = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.6",
          import: ["@key", "@authenticated", "@requiresScopes", "@policy"])
        type Query { hub: Airport! @authenticated }
        type Airport @key(fields: "faa") {
          faa: String!
          cost: Float @requiresScopes(scopes: [["finance"]])
          staff: Int @policy(policies: [["hr"]])
        }`;
      const supergraph = await composed(kind, theirs);
      assert.match(supergraph, /@authenticated/);
      assert.match(supergraph, /cost: Float .*@requiresScopes\(scopes: \[\["finance"\]\]\)/);
      assert.match(supergraph, /staff: Int .*@policy\(policies: \[\["hr"\]\]\)/);
    });
  });
}

/** The subgraph of a team that copied a view of ours, with the types in it, and answers it from now on. */
function takingOver(ours: string, entity: string, view: string): string {
  const { definitions } = parse(ours.replace('"@tag"', '"@tag", "@override"'));
  const viewType = `${entity}${view.charAt(0).toUpperCase()}${view.slice(1)}`;
  const others = /^(?:Airport|Driver|Plane|Route)/;
  const taken = definitions.flatMap((definition): DefinitionNode[] => {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return [definition];
    const { name, fields = [] } = definition;
    if (name.value !== entity && name.value !== viewType && others.test(name.value)) return [];
    const isTaken = (field: FieldDefinitionNode) => name.value === viewType || field.name.value === view;
    return [{ ...definition, fields: fields.map((field) => (isTaken(field) ? overridden(field) : field)) }];
  });
  return `${print({ kind: Kind.DOCUMENT, definitions: taken })} type Query { planes: [Plane!]! }`;
}

function overridden(field: FieldDefinitionNode): FieldDefinitionNode {
  const from: ConstArgumentNode = {
    kind: Kind.ARGUMENT,
    name: { kind: Kind.NAME, value: 'from' },
    value: { kind: Kind.STRING, value: 'features' },
  };
  const override: ConstDirectiveNode = {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: 'override' },
    arguments: [from],
  };
  return { ...field, directives: [...(field.directives ?? []), override] };
}
