import { hasWindows } from '../../windows/view-windows.ts';
import { type AskedFeature, type ResolvedFeature, storedFeatures } from '../selection.ts';
import { checkOutputNames, type KeptColumns } from './check-column-names.ts';
import type { Report } from './check-world.ts';

/** The rows that features are joined to, a label's or a caller's. */
export type JoinedRows = {
  /** What they are called in messages. */
  words: string;
  /** Whether they have a moment, and how to give them one where not. */
  timed: boolean;
  timedBy: string;
  kept: readonly KeptColumns[];
  knownAsOf: boolean;
};

/** What a training set and a retrieval have in common: that names don't meet, and that times are there to be compared. */
export function checkJoinedFeatures(asked: readonly AskedFeature[], rows: JoinedRows, report: Report): void {
  checkOutputNames(asked, rows.kept, report);
  const features = storedFeatures(asked);
  for (const one of features) if (one.lag > 0n) checkLag(one, rows, report);
  if (!rows.timed) for (const { view, at } of features) checkTimed(view, at, rows, report);
  if (!rows.knownAsOf) return;
  if (!rows.timed) {
    const message = `${rows.words} has no timestamp to tell what was known by then.`;
    report('knownAsOf', message, `Leave out knownAsOf, or ${rows.timedBy}.`);
  }
  for (const { view } of features) {
    if (view.definition.eventTimestamp === undefined || view.definition.createdTimestamp !== undefined) continue;
    const message = `${view.ref} has no created timestamp to tell what was known.`;
    report('knownAsOf', message, 'Give the view a createdTimestamp, or leave out knownAsOf.');
  }
}

/** A window is of a moment. */
function checkTimed(view: ResolvedFeature['view'], at: number, { words, timedBy }: JoinedRows, report: Report): void {
  if (!hasWindows(view.definition)) return;
  const message = `${words} has no timestamp, and ${view.ref} is of windows that end at one.`;
  report(`features[${at}].feature`, message, `Leave the feature out, or ${timedBy}.`);
}

function checkLag({ view, at }: ResolvedFeature, { words, timed, timedBy }: JoinedRows, report: Report): void {
  const path = `features[${at}].lag`;
  if (view.definition.eventTimestamp === undefined)
    report(path, `${view.ref} has no event timestamp for a lag to count from.`, 'Leave out the lag.');
  if (!timed)
    report(path, `${words} has no timestamp for a lag to count back from.`, `Leave out the lag, or ${timedBy}.`);
}
