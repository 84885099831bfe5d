import type { Featuregraph, PlanQuery } from '@featuregraph/client';
import type { Defined } from './definition-files.ts';
import { nameInWords, placeOfDefinition } from './definition-places.ts';

type Steps = PlanQuery['plan']['steps'];
type Moved = { one: Defined; at: string; variant: string; action: Steps[number]['action'] };

/** What was given, or would be given, another variant than its definition says: in the order of the files. */
function movedIn(steps: Steps, defined: readonly Defined[]): Moved[] {
  const moved = steps.flatMap(({ index, ref, action }): Moved[] => {
    const one = defined[index];
    const variant = ref.slice(ref.indexOf('@') + 1);
    return one === undefined || variant === one.variant ? [] : [{ one, at: placeOfDefinition(one), variant, action }];
  });
  return moved.toSorted((a, b) => a.at.localeCompare(b.at, undefined, { numeric: true }));
}

function toWrite(moved: readonly Moved[]): string {
  return moved
    .map(({ one, at, variant }) => {
      const written = one.file.endsWith('.json') ? `"variant": "${variant}"` : `variant: '${variant}'`;
      return `  ${at}: ${nameInWords(one)}: ${written}`;
    })
    .join('\n');
}

/** Which variants a bump makes that no file says yet, and where to write each; undefined where they say all. */
export function variantsText(steps: Steps, defined: readonly Defined[]): string | undefined {
  const moved = movedIn(steps, defined);
  if (moved.length === 0) return undefined;
  return `Write these variants into the definitions, which say the ones of before, and are refused without them:\n${toWrite(moved)}`;
}

/** How to go on where a plan is refused, since what is registered would change; undefined where none is, or bumping is no way. */
async function waysOn(client: Featuregraph, steps: Steps, defined: readonly Defined[]): Promise<string | undefined> {
  const conflicts = new Set(steps.filter(({ action }) => action === 'CONFLICT').map(({ index }) => index));
  if (conflicts.size === 0) return undefined;
  const bumped = await client.plan(
    defined.map(({ definition }) => definition),
    { bump: true },
  );
  const moved = movedIn(bumped.steps, defined);
  const there = moved.filter(({ action }) => action === 'UNCHANGED');
  const parts = [
    there.length > 0 &&
      `Registered like this already, under a later variant. Write it into the definition:\n${toWrite(there)}`,
    there.length < moved.length && registeredBeside(moved.filter((one) => !there.includes(one))),
  ].filter((part) => part !== false);
  return parts.length === 0 ? undefined : parts.join('\n\n');
}

function registeredBeside(moved: readonly Moved[]): string {
  const what = moved.map(({ one, variant }) => `${nameInWords(one)} as ${variant}`).join(', ');
  return `What is registered stays as it is. Register what differs beside it, and what names that with it, by
"featuregraph apply --bump" (${what}), or take the change back.`;
}

/** What is to be said after a plan: how to go on where it is refused, or what to write once it is applied. */
export async function hintOf(
  client: Featuregraph,
  steps: Steps,
  defined: readonly Defined[],
): Promise<string | undefined> {
  return (await waysOn(client, steps, defined)) ?? variantsText(steps, defined);
}
