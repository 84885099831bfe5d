import type { Page } from 'playwright-core';

const at = encodeURIComponent;

/** An address of each view, and of each tab that is not like another. */
export const views = [
  '/',
  '/resources',
  '/resources/feature-views?status=FAILED',
  `/resources/entities/${at('driver@v1')}`,
  `/resources/sources/${at('stats@v1')}?tab=rows`,
  `/resources/feature-views/${at('driver_stats@v1')}`,
  `/resources/feature-views/${at('driver_stats@v1')}?tab=definition`,
  `/resources/feature-views/${at('driver_stats@v1')}?tab=uses`,
  `/resources/features/${at('driver_stats@v1:rating')}?tab=values`,
  `/resources/training-sets/${at('returned_orders@v1')}?tab=leaks`,
  `/resources/feature-services/${at('acceptance@v1')}?tab=health`,
  `/resources/feature-services/${at('acceptance@v1')}?tab=code`,
  `/resources/providers/${at('latest@v1')}?tab=health`,
  '/resources/models/nothing',
  `/lineage/sources/${at('stats@v1')}?show=deletion`,
  '/jobs',
  `/explore?entity=${at('driver@v1')}&keys=${at('{"driver_id":"1"}')}`,
  '/register?kind=FEATURE_VIEW',
  '/access',
  '/audit',
  '/settings',
];

/** What axe finds, and what is wider than the window. */
export function complaintsOf(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { violations } = await (
      globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } }
    ).axe.run({ resultTypes: ['violations'] });
    const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} ${html.slice(0, 300)}`));
    if (document.documentElement.scrollWidth > window.innerWidth) found.push('is wider than the window');
    return found;
  });
}

type Violation = { id: string; nodes: { html: string }[] };
