import { isTurnDue, spendSteps, turn } from '../src/turns.ts';

/** Values that are written at once: some tenths of a millisecond's worth. */
const nodesOfPart = 2_000;
/** What it takes to write one, and the characters that take as much. */
const stepsOfNode = 30;
const charactersOfNode = 64;

/**
 * An answer as JSON. A small one, as nearly all are, is written at once; a large one in parts, between which others are
 * looked after.
 */
export function answerText(answer: unknown): string | Promise<string> {
  return nodesWithin(answer, nodesOfPart) < nodesOfPart ? JSON.stringify(answer) : textInTurns(answer);
}

async function textInTurns(answer: unknown): Promise<string> {
  const parts: string[] = [];
  for (const part of partsOf(answer)) {
    parts.push(part);
    spendSteps(stepsOfNode * nodesOfPart);
    if (isTurnDue()) await turn();
  }
  return parts.join('');
}

/** How many values there are in a value; where there are more than `most`, that there are. */
function nodesWithin(value: unknown, most: number): number {
  if (typeof value === 'string') return 1 + value.length / charactersOfNode;
  if (typeof value !== 'object' || value === null) return 1;
  let nodes = 1;
  const own = value as Readonly<Record<string, unknown>>;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length && nodes < most; at++) nodes += nodesWithin(value[at], most - nodes);
    return nodes;
  }
  for (const name in own) {
    nodes += nodesWithin(own[name], most - nodes);
    if (nodes >= most) break;
  }
  return nodes;
}

/** What is small by itself is written together with its neighbours, what is large in parts of its own. */
function* partsOf(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) yield JSON.stringify(value) ?? 'null';
  else if (Array.isArray(value)) yield* partsOfList(value);
  else yield* partsOfObject(value);
}

function* partsOfList(list: readonly unknown[]): Generator<string> {
  const written = (from: number, to?: number) => JSON.stringify(list.slice(from, to)).slice(1, -1);
  let [from, nodes, mark] = [0, 0, '['];
  for (const [at, one] of list.entries()) {
    const own = nodesWithin(one, nodesOfPart);
    nodes += own;
    if (nodes < nodesOfPart) continue;
    if (at > from) yield mark + written(from, at);
    if (at > from) mark = ',';
    [from, nodes] = [at, own];
    if (own < nodesOfPart) continue;
    yield mark;
    yield* partsOf(one);
    [from, nodes, mark] = [at + 1, 0, ','];
  }
  if (from < list.length) yield mark + written(from);
  yield list.length === 0 ? '[]' : ']';
}

function* partsOfObject(value: object): Generator<string> {
  let [text, nodes, mark] = ['', 0, '{'];
  for (const [name, one] of Object.entries(value)) {
    const own = nodesWithin(one, nodesOfPart);
    const small = own < nodesOfPart ? JSON.stringify(one) : '';
    // As JSON has it, what is no value is not there.
    if (small === undefined) continue;
    text += `${mark}${JSON.stringify(name)}:${small}`;
    mark = ',';
    nodes += own;
    if (nodes < nodesOfPart) continue;
    yield text;
    if (small === '') yield* partsOf(one);
    [text, nodes] = ['', 0];
  }
  yield mark === '{' ? '{}' : `${text}}`;
}
