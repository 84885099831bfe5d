import type { Sealing } from '../stores/sealing.ts';
import { doneInTurns } from '../turns.ts';
import type { Catalog } from './catalog.ts';
import { draughting } from './planning.ts';
import { parseReference } from './reference.ts';

/**
 * A batch in which everything that can't be what it says under its variant gets the next one: what differs from what is
 * registered, and what names others without a variant and would stay on older ones of them. So all that was named moves with
 * what it is built on. A later variant that is the same already is taken, so that doing it twice changes nothing.
 */
export async function bumpedDefinitions(
  catalog: Catalog,
  inputs: readonly unknown[],
  neverSucceeded: ReadonlySet<string>,
  sealing?: Sealing,
): Promise<unknown[]> {
  const bumped = [...inputs];
  // Each round moves something to a later variant, of which there are no more than are registered, and one.
  for (let round = 0; round <= catalog.resources.length + inputs.length; round++) {
    const { steps, notes } = await doneInTurns(draughting(catalog, bumped, [], neverSucceeded, sealing));
    const staying = new Set(notes.map(({ at }) => at));
    const moving = steps.filter(({ at, action }) => action === 'CONFLICT' || staying.has(at));
    if (moving.length === 0) break;
    for (const { at, kind, ref } of moving) {
      const variant = parseReference(kind, ref)?.variant ?? '';
      bumped[at] = { ...(bumped[at] as object), variant: nextVariant(variant) };
    }
  }
  return bumped;
}

/** `v1`, `v2`; `2024.9`, `2024.10`; `main`, `main2`. */
export function nextVariant(variant: string): string {
  const [, stem = variant, digits] = /^(.*?)(\d+)$/.exec(variant) ?? [];
  return `${stem}${digits === undefined ? 2 : BigInt(digits) + 1n}`;
}
