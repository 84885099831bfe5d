import type { FeaturegraphError, Issue } from '@featuregraph/client';
import { Failure, type FailureCode, failureCodes } from '../../providers/contract/failure.ts';
import { misshapenIssue, shapesOf } from './misshapen.ts';

/** An issue where a user has written what it is of: what that is called there, and in which line of which file it is. */
export type Placed = {
  what: string;
  at?: string | undefined;
  /** The fix as it is written there. */
  fix?(fix: string): string;
};
/** Where that is, of an issue's path; undefined where nothing is known of it. */
export type Placing = (path: string) => Placed | undefined;

type AnyIssue = { path: string; message: string; fix?: string | null | undefined };

/** What is wrong with what, then in lines of their own what to do about it, and where it is written. */
export function issueText({ path, message, fix }: AnyIssue, placing: Placing = optionOf, mark = '✗'): string {
  const { what, at, fix: written = String }: Placed = placing(path) ?? { what: path };
  const lines = [`${mark} ${what}: ${message}`, ...(fix ? [`  ${written(fix)}`] : []), ...(at ? [`  at ${at}`] : [])];
  return lines.map((line) => `  ${line}`).join('\n');
}

/** What the graph calls what a user gives as an option or an argument. */
const options: readonly (readonly [path: string, what: string])[] = [
  ['keys', '--key'],
  ['to.entity', '--key'],
  ['to.vector', '--vector'],
  ['request', '--request'],
  ['filter.states', '--state'],
  ['filter.from', '--from'],
  ['filter.to', '--to'],
  ['filter.outcome', '--outcome'],
  ['from', '--from'],
  ['to', '--to'],
  ['split', '--split'],
  ['url', '--url'],
  ['apiKey', '--api-key'],
];

function optionOf(path: string): Placed | undefined {
  const found = options.find(([start]) => path.startsWith(start) && !/^\w/.test(path.slice(start.length)));
  return found && { what: `${found[1]}${path.slice(found[0].length)}` };
}

/** What a server said against what it was sent, as a user of the command line is told it. */
export async function toldFailure(error: FeaturegraphError, placing?: Placing): Promise<Failure> {
  const { code, retryable } = error;
  const { message, issues } = await issuesIn(error);
  const told = issues.map((issue) => issueText(issue, (path) => placing?.(path) ?? optionOf(path)));
  const text = told.length === 0 ? message : `${message}\n\n${told.join('\n')}`;
  return new Failure(code in failureCodes ? (code as FailureCode) : 'INVALID_INPUT', text, { retryable, cause: error });
}

async function issuesIn({
  message,
  issues,
}: FeaturegraphError): Promise<{ message: string; issues: readonly Issue[] }> {
  // The client's message ends with its issues.
  const [first] = issues;
  const end = first === undefined ? -1 : message.indexOf(`\n  ${first.path}: `);
  if (first !== undefined) return { message: end < 0 ? message : message.slice(0, end), issues };
  if (!/^Variable "/.test(message)) return { message, issues };
  const shapes = shapesOf((await import('../../schema/schema.ts')).schema);
  const lines = message.split('\n').map((line) => misshapenIssue(line, shapes) ?? line);
  const isIssue = (line: Issue | string): line is Issue => typeof line !== 'string';
  const others = lines.filter((line) => !isIssue(line));
  return { message: ['What was given is not valid.', ...others].join('\n'), issues: lines.filter(isIssue) };
}
