import { extname } from 'node:path';
import type { Issue } from '../../providers/contract/failure.ts';
import type { Interruptible } from '../turns.ts';
import { type Definition, definitionSchema } from './definitions/definition.ts';
import { issueOf, writtenPath } from './definitions/issue.ts';
import { unkeptTexts } from './kept-text.ts';
import { kindInWords } from './reference.ts';

/** A definition of a batch, and where in the batch it stands. */
export type Draft = { at: number; definition: Definition };

/** Who makes so many mistakes makes the same in every definition. */
const mostIssues = 1_000;

const formats = {
  '.parquet': 'PARQUET',
  '.csv': 'CSV',
  '.tsv': 'CSV',
  '.json': 'JSON',
  '.jsonl': 'JSON',
  '.ndjson': 'JSON',
} as const;

/** Reads a batch of definitions, reporting everything that is wrong with the shape of any. A place may hold none: undefined. */
export function* readDrafts(inputs: readonly unknown[], issues: Issue[]): Interruptible<Draft[]> {
  const drafts: Draft[] = [];
  const places = new Map<string, number>();
  for (const [at, input] of inputs.entries()) {
    yield;
    if (input === undefined) continue;
    if (issues.length >= mostIssues) {
      issues.push({
        path: `definitions[${at}]`,
        message: 'and what follows was not read: there are too many issues before',
      });
      break;
    }
    const unkept = unkeptTexts(input, `definitions[${at}]`);
    issues.push(...unkept);
    if (unkept.length > 0) continue;
    const parsed = definitionSchema.safeParse(withoutNulls(input));
    if (!parsed.success) {
      issues.push(...parsed.error.issues.map((issue) => issueOf(issue, pathOf(at, issue.path))));
      continue;
    }
    const definition = withFormat(parsed.data, at, issues);
    const identity = `${kindInWords(definition.kind)} ${definition.name}@${definition.variant}`;
    const earlier = places.get(identity);
    if (earlier !== undefined) {
      const message = `${identity} is already defined by definitions[${earlier}]`;
      issues.push({
        path: `definitions[${at}].name`,
        message,
        fix: 'Remove one of the two, or give it another variant.',
      });
      continue;
    }
    places.set(identity, at);
    drafts.push({ at, definition });
  }
  return drafts;
}

/** The path of an issue in a batch: `definitions[3].features[0].type`. */
export function pathOf(at: number, path: readonly PropertyKey[] | string): string {
  const steps = typeof path === 'string' ? [path].filter((step) => step !== '') : path;
  return writtenPath(steps, `definitions[${at}]`);
}

/** A format left out is told by the files' ending, and kept, so that the definition says it from then on. */
function withFormat(definition: Definition, at: number, issues: Issue[]): Definition {
  if (definition.kind !== 'SOURCE' || definition.files === undefined || definition.files.format !== undefined)
    return definition;
  const endings = new Set(definition.files.paths.map((path) => extname(path.replace(/\.(gz|zst)$/, '')).toLowerCase()));
  const found = new Set([...endings].map((ending) => formats[ending as keyof typeof formats]));
  const [format] = found;
  if (found.size !== 1 || format === undefined) {
    const message = `The format can't be told from the endings ${[...endings].map((ending) => `"${ending}"`).join(', ')}.`;
    issues.push({ path: pathOf(at, 'files.format'), message, fix: 'Give PARQUET, CSV or JSON.' });
    return definition;
  }
  return { ...definition, files: { ...definition.files, format } };
}

/** Fields of which null says something of its own. */
const saidByNull: readonly string[] = ['onlineStore'];

/** GraphQL writes a field that was left out as null as well; in a definition both mean the same, but for a few. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key, inner]) =>
    inner === null ? saidByNull.includes(key) : inner !== undefined,
  );
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutNulls(inner)]));
}
