import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Catalog } from '../src/registry/catalog.ts';
import { draughting, draughtPlan } from '../src/registry/planning.ts';
import { SearchIndex } from '../src/search/search-index.ts';
import { doneInTurns } from '../src/turns.ts';
import { othersDuring } from './others-during.ts';

const joinKeys = [{ name: 'id', type: 'INT64' }];
const features = Array.from({ length: 20 }, (_, at) => ({ name: `value_${at}`, type: 'FLOAT64' }));
const definitions = [
  { kind: 'PROVIDER', name: 'warehouse', config: { duckdb: {} } },
  { kind: 'SOURCE', name: 'rows', files: { paths: ['rows.csv'] } },
  { kind: 'ENTITY', name: 'driver', joinKeys },
  ...Array.from({ length: 1_000 }, (_, at) => {
    return { kind: 'FEATURE_VIEW', name: `view_${at}`, entity: 'driver', source: 'rows', features };
  }),
];
const empty = new Catalog([], []);

describe('a registry of 20,000 features', () => {
  test('is planned in turns, which come to what one go does', async () => {
    let planned = draughtPlan(empty, [], []);
    const others = await othersDuring(async () => {
      planned = await doneInTurns(draughting(empty, definitions, []));
    });
    assert.ok(others >= 10, `${others} turns`);
    const atOnce = draughtPlan(empty, definitions, []);
    const told = ({ steps }: typeof planned) => steps.map(({ action, kind, ref }) => [action, kind, ref]);
    assert.deepEqual(told(planned), told(atOnce));
    assert.equal(planned.after.edges.length, atOnce.after.edges.length);
  });

  test('is searched for many things at a time in turns', async () => {
    const { after } = draughtPlan(empty, definitions.slice(0, 203), []);
    const index = new SearchIndex(async () => new Map());
    await index.search(after, 'value');
    const searches = () => Promise.all(Array.from({ length: 50 }, () => index.search(after, 'value view')));
    const others = await othersDuring(searches);
    assert.ok(others >= 10, `${others} turns`);
  });
});
