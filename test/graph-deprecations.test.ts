import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput, ResourceKind } from '@featuregraph/client';
import { driver, providers, statsSource, statsView, writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { pathsOf, refusal } from './servers/refusal.ts';

const reason = 'Ratings moved to the profile: use driver_profile.';

/** The view of the drivers' world with reasons against the view and against its feature `rating`. */
function deprecating({ view, rating }: { view?: string | null; rating?: string | null }): DefinitionInput {
  const { featureView } = statsView;
  if (!featureView) return assert.fail();
  const features = featureView.features.map((one) => (one.name === 'rating' ? { ...one, deprecated: rating } : one));
  return { featureView: { ...featureView, deprecated: view, features } };
}

describe('a deprecation', () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer({ worker: false });
    await writeDriversFiles(server.dataRoot);
    await server.client.apply([...providers, driver, statsSource, statsView]);
  });
  after(() => server.stop());

  async function deprecated(kind: ResourceKind, ref: string) {
    const { resource } = await server.client.operations.Resource({ kind, ref });
    return resource?.deprecated;
  }

  test('is not there until someone says why', async () => {
    assert.equal(await deprecated('FEATURE_VIEW', 'driver_stats'), null);
    assert.equal(await deprecated('FEATURE', 'driver_stats:rating'), null);
    const [step] = (await server.client.apply([deprecating({ view: null, rating: null })])).steps;
    assert.equal(step?.action, 'UNCHANGED');
  });

  test('comes and goes with a definition, in place, of a view and of its features apart', async () => {
    const { steps } = await server.client.apply([deprecating({ rating: reason })]);
    assert.deepEqual(
      steps.map(({ action, changes }) => ({ action, changes })),
      [
        {
          action: 'UPDATE',
          changes: [{ path: 'features[rating].deprecated', before: null, after: reason, inPlace: true }],
        },
      ],
    );
    assert.equal(await deprecated('FEATURE', 'driver_stats:rating'), reason);
    assert.equal(await deprecated('FEATURE', 'driver_stats:trips'), null);
    assert.equal(await deprecated('FEATURE_VIEW', 'driver_stats'), null);
    const again = await server.client.apply([deprecating({ rating: ` ${reason} ` })]);
    assert.equal(again.steps[0]?.action, 'UNCHANGED');
    const back = await server.client.apply([deprecating({ view: reason })]);
    assert.deepEqual(back.steps[0]?.changes.map(({ path }) => path).toSorted(), [
      'deprecated',
      'features[rating].deprecated',
    ]);
    assert.equal(await deprecated('FEATURE', 'driver_stats:rating'), null);
    assert.equal(await deprecated('FEATURE_VIEW', 'driver_stats'), reason);
  });

  test('of any kind of resource is said and taken back by updateResource', async () => {
    const targets = [
      ['PROVIDER', 'latest'],
      ['ENTITY', 'driver'],
      ['SOURCE', 'stats'],
      ['FEATURE_VIEW', 'driver_stats'],
      ['FEATURE', 'driver_stats:city'],
    ] as const;
    for (const [kind, ref] of targets) {
      const update = async (value: string | null) => {
        const patch = { deprecated: value };
        return (await server.client.operations.UpdateResource({ kind, ref, patch })).updateResource.deprecated;
      };
      assert.equal(await update(reason), reason, ref);
      await server.client.operations.UpdateResource({ kind, ref, patch: { owner: 'new@example.com' } });
      assert.equal(await deprecated(kind, ref), reason, `${ref} lost it when its owner changed`);
      assert.equal(await update(null), null, ref);
    }
  });

  test('needs a reason, and not a novel', async () => {
    const wrong = await refusal(server.client.apply([deprecating({ view: ' ', rating: 'x'.repeat(1_001) })]));
    assert.equal(wrong.code, 'INVALID_INPUT');
    assert.deepEqual(pathsOf(wrong), ['definitions[0].deprecated', 'definitions[0].features[1].deprecated']);
    const { steps } = await server.client.plan([deprecating({ rating: 'x'.repeat(1_000) })]);
    assert.equal(steps[0]?.action, 'UPDATE');
  });
});
