import type { Issue } from '../../providers/contract/failure.ts';
import { hasWindows, windowsOf } from '../windows/view-windows.ts';
import { windowCost } from '../windows/window-cost.ts';
import { formatDuration } from './duration.ts';
import { onlineStoreOf } from './online-store.ts';
import { isNew, type PlanStep } from './planning.ts';

/** What views of windows that would be registered cost where they are served from. */
export function windowNotes(steps: readonly PlanStep[]): Issue[] {
  return steps.flatMap((step) => {
    const { definition, ref } = step.resource;
    if (!isNew(step) || definition.kind !== 'FEATURE_VIEW' || !hasWindows(definition)) return [];
    if (onlineStoreOf(definition) === undefined) return [];
    const { tiles, bytesPerKey, bytesPerEvent, eventsKeptFor } = windowCost(windowsOf(definition));
    const message =
      `${ref} keeps about ${bytesPerKey} bytes of a key online (${tiles} tiles), and ${bytesPerEvent} more for each of its ` +
      `events of the last ${formatDuration(BigInt(eventsKeptFor))}; a request reads all of its windows at once, in 1 read.`;
    const fix = 'A hop keeps tiles in the place of events; a longer hop keeps fewer.';
    return [{ path: `definitions[${step.at}].features`, message, fix }];
  });
}
