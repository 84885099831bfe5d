import { CronExpressionParser } from 'cron-parser';
import { z } from 'zod';
import { ownDocuments } from '../../src/documents/own-documents.ts';
import { askPages, askServer, type ServerOptions } from './asked-server.ts';
import type { Finding } from './finding.ts';
import { inWords } from './output.ts';

const view = z.object({
  id: z.string(),
  ref: z.string(),
  schedule: z.string().nullable(),
  updatedAt: z.string(),
  materializations: z.array(z.object({ writtenAt: z.string() })),
});

const job = z.object({ state: z.string(), createdAt: z.string(), error: z.object({ message: z.string() }).nullable() });
const jobs = z.object({ jobs: z.object({ edges: z.array(z.object({ node: job })) }) });

type View = z.output<typeof view>;

/** What is due is not begun at that very moment: the queue looks once a minute. */
const graceMs = 3 * 60_000;

/** Of each view that is materialized by itself: whether what was due last has come, and when it is due next, in UTC. */
export async function scheduleFindings(options: ServerOptions, now = new Date()): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const one of askPages(options, ownDocuments.examine, 'featureViews', view)) {
    if (one.schedule !== null) findings.push(await scheduleFinding(options, one, one.schedule, now));
  }
  return findings;
}

async function scheduleFinding(options: ServerOptions, view: View, schedule: string, now: Date): Promise<Finding> {
  const what = `schedule of feature view ${view.ref}`;
  const occurrences = (from: Date) => CronExpressionParser.parse(schedule, { currentDate: from, tz: 'UTC' });
  const due = occurrences(new Date(+now - graceMs))
    .prev()
    .toDate();
  const next = `next at ${inMinutes(occurrences(now).next().toDate().toISOString())}`;
  const [written] = view.materializations;
  if (written !== undefined && new Date(written.writtenAt) >= due)
    return { what, fine: true, message: `last at ${inMinutes(written.writtenAt)}, ${next}` };
  const answered = jobs.parse(await askServer(options, ownDocuments.latestMaterialization, { view: view.id }));
  const run = answered.jobs.edges[0]?.node;
  if (run !== undefined && run.state !== 'SUCCEEDED') return { what, ...unwritten(run, next) };
  if (new Date(view.updatedAt) > due) return { what, fine: true, message: next };
  const missed = `was due at ${inMinutes(due.toISOString())}, and nothing was begun`;
  return { what, fine: false, message: `${missed}: does a server or a worker run ("featuregraph start")?` };
}

/** A run that has not written what was due, or not yet. */
function unwritten({ state, createdAt, error }: z.output<typeof job>, next: string): Omit<Finding, 'what'> {
  const told = `the run of ${inMinutes(createdAt)} ${inWords(state)}`;
  const fine = state !== 'FAILED' && state !== 'CANCELLED';
  return { fine, message: `${told}${error === null ? '' : `: ${error.message}`}, ${next}` };
}

function inMinutes(instant: string): string {
  return `${instant.slice(0, 16)}Z`;
}
