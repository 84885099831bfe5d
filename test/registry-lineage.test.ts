import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { brokenWithout, lineageOf, reach } from '../src/lineage/lineage.ts';
import { Catalog, type Edge, type Resource } from '../src/registry/catalog.ts';

function resource(at: number): Resource {
  const name = `entity${at}`;
  const described = { description: '', tags: [], properties: {} };
  const joinKeys = [{ name: 'id', type: 'INT64' as const, description: '' }];
  return {
    ...described,
    id: `id ${at}`,
    kind: 'ENTITY',
    name,
    variant: 'v1',
    ref: `${name}@v1`,
    definition: { ...described, kind: 'ENTITY', name, variant: 'v1', joinKeys },
    owner: null,
    status: 'READY',
    statusMessage: null,
    createdAt: new Date(0),
    updatedAt: new Date(0),
    sequence: at,
  };
}

const size = 12;

/** Resources of which each was built on some of those before it. */
const catalogs = fc
  .uniqueArray(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), {
    maxLength: 40,
    selector: ([one, other]) => `${Math.min(one, other)} ${Math.max(one, other)}`,
  })
  .map((pairs) => {
    const resources = Array.from({ length: size }, (_, at) => resource(at));
    const edges = pairs
      .filter(([one, other]) => one !== other)
      .map(([one, other]): Edge => ({ from: `id ${Math.min(one, other)}`, to: `id ${Math.max(one, other)}` }));
    return new Catalog(resources, edges);
  });

/** How many steps each resource is away at least: by widening the set of those that are reached, edge by edge. */
function distances({ edges }: Catalog, start: string, direction: 'UPSTREAM' | 'DOWNSTREAM'): Map<string, number> {
  const found = new Map([[start, 0]]);
  for (let step = 1; step <= size; step++) {
    const reached = new Set(found.keys());
    for (const { from, to } of edges) {
      const [near, far] = direction === 'UPSTREAM' ? [to, from] : [from, to];
      if (reached.has(near) && !found.has(far)) found.set(far, step);
    }
  }
  return found;
}

const cases = fc.tuple(
  catalogs,
  fc.nat(size - 1),
  fc.constantFrom('UPSTREAM' as const, 'DOWNSTREAM' as const),
  fc.integer({ min: 1, max: 6 }),
);

describe('lineage', () => {
  test('reaches what is that many steps away or fewer, each once, the nearest first', () => {
    fc.assert(
      fc.property(cases, ([catalog, at, direction, depth]) => {
        const start = catalog.resources[at] ?? assert.fail();
        const away = distances(catalog, start.id, direction);
        const found = reach(catalog, start, direction, depth).map(({ id }) => id);
        const expected = [...away].filter(([, steps]) => steps > 0 && steps <= depth).map(([id]) => id);
        assert.deepEqual(found.toSorted(), expected.toSorted());
        const steps = found.map((id) => away.get(id) ?? 0);
        assert.deepEqual(
          steps,
          steps.toSorted((one, other) => one - other),
        );
      }),
    );
  });

  test('has every edge between what it reaches and the step before, and no other', () => {
    fc.assert(
      fc.property(cases, ([catalog, at, direction, depth]) => {
        const start = catalog.resources[at] ?? assert.fail();
        const away = distances(catalog, start.id, direction);
        const near = (id: string) => (away.get(id) ?? Number.POSITIVE_INFINITY) < depth;
        const expected = catalog.edges.filter(({ from, to }) => near(direction === 'UPSTREAM' ? to : from));
        const text = ({ from, to }: Edge) => `${from} → ${to}`;
        const { edges } = lineageOf(catalog, start, direction, depth);
        assert.deepEqual(edges.map(text).toSorted(), expected.map(text).toSorted());
      }),
    );
  });

  test('is looked for until there is more than one may have, and is whole where there is not', () => {
    fc.assert(
      fc.property(cases, fc.nat(20), ([catalog, at, direction, depth], most) => {
        const start = catalog.resources[at] ?? assert.fail();
        const all = reach(catalog, start, direction, depth);
        const found = reach(catalog, start, direction, depth, most);
        assert.deepEqual(found, all.slice(0, found.length));
        assert.ok(found.length === all.length || found.length > most);
        const whole = lineageOf(catalog, start, direction, depth);
        const { nodes, edges } = lineageOf(catalog, start, direction, depth, most);
        assert.deepEqual([nodes, edges], [whole.nodes.slice(0, nodes.length), whole.edges.slice(0, edges.length)]);
        assert.ok(edges.length === whole.edges.length || nodes.length + edges.length > most);
      }),
    );
    const links = Array.from({ length: size - 1 }, (_, at): Edge => ({ from: `id ${at}`, to: `id ${at + 1}` }));
    const chain = new Catalog(
      Array.from({ length: size }, (_, at) => resource(at)),
      links,
    );
    const [first = assert.fail()] = chain.resources;
    assert.equal(brokenWithout(chain, first, 3).length, 4);
    assert.equal(lineageOf(chain, first, 'BOTH', undefined, 3).nodes.length, 3);
  });

  test('of both ways is that of each way together, and without a depth goes to the ends', () => {
    fc.assert(
      fc.property(catalogs, fc.nat(size - 1), (catalog, at) => {
        const start = catalog.resources[at] ?? assert.fail();
        const both = lineageOf(catalog, start, 'BOTH').nodes.map(({ id }) => id);
        const ways = (['UPSTREAM', 'DOWNSTREAM'] as const).flatMap((way) => [
          ...distances(catalog, start.id, way).keys(),
        ]);
        assert.deepEqual(both.toSorted(), [...new Set(ways)].toSorted());
        assert.deepEqual(
          brokenWithout(catalog, start)
            .map(({ id }) => id)
            .toSorted(),
          [...distances(catalog, start.id, 'DOWNSTREAM').keys()].slice(1).toSorted(),
        );
      }),
    );
  });
});
