import { isTurnDue, spendSteps, turn } from '../src/turns.ts';

/** Values that are written at once: some milliseconds’ worth. */
const usualPart = 100_000;
/** What it takes to write one, and the characters that take as much. */
const stepsOfNode = 30;
const charactersOfNode = 64;

/**
 * An answer as JSON. A small one, as nearly all are, is written at once; a large one in parts, between which others are
 * looked after.
 */
export function answerText(answer: unknown, nodesOfPart = usualPart): string | Promise<string> {
  return isLargeAnswer(answer, nodesOfPart) ? textInTurns(answer, nodesOfPart) : JSON.stringify(answer);
}

export function isLargeAnswer(answer: unknown, nodesOfPart = usualPart): boolean {
  return nodesWithin(answer, nodesOfPart) >= nodesOfPart;
}

async function textInTurns(answer: unknown, nodesOfPart: number): Promise<string> {
  const parts: string[] = [];
  for (const part of partsOf(answer, nodesOfPart)) {
    parts.push(part);
    spendSteps(stepsOfNode * nodesOfPart);
    if (isTurnDue()) await turn();
  }
  return parts.join('');
}

/** How many values there are in a value; where there are more than `most`, that there are. */
function nodesWithin(value: unknown, most: number): number {
  return isNested(value) ? nodesOfNested(value, most) : nodesOfPlain(value);
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function nodesOfPlain(value: unknown): number {
  return typeof value === 'string' ? 1 + value.length / charactersOfNode : 1;
}

/** Most of what is large are lists of what is small: these are counted without a call for each. */
function nodesOfNested(value: object, most: number): number {
  let nodes = 1;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length && nodes < most; at++) {
      const one: unknown = value[at];
      nodes += isNested(one) ? nodesOfNested(one, most - nodes) : nodesOfPlain(one);
    }
    return nodes;
  }
  const own = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(own)) {
    nodes += nodesWithin(own[name], most - nodes);
    if (nodes >= most) break;
  }
  return nodes;
}

/** What is small by itself is written together with its neighbours, what is large in parts of its own. */
function* partsOf(value: unknown, nodesOfPart: number): Generator<string> {
  if (!isNested(value) || 'toJSON' in value) yield JSON.stringify(value) ?? 'null';
  else if (Array.isArray(value)) yield* partsOfList(value, nodesOfPart);
  else yield* partsOfObject(value, nodesOfPart);
}

function* partsOfList(list: readonly unknown[], nodesOfPart: number): Generator<string> {
  const written = (from: number, to?: number) => JSON.stringify(list.slice(from, to)).slice(1, -1);
  let [from, nodes, mark] = [0, 0, '['];
  for (let at = 0; at < list.length; at++) {
    const one = list[at];
    const own = isNested(one) ? nodesOfNested(one, nodesOfPart) : nodesOfPlain(one);
    nodes += own;
    if (nodes < nodesOfPart) continue;
    if (at > from) yield mark + written(from, at);
    if (at > from) mark = ',';
    [from, nodes] = [at, own];
    if (own < nodesOfPart) continue;
    yield mark;
    yield* partsOf(one, nodesOfPart);
    [from, nodes, mark] = [at + 1, 0, ','];
  }
  if (from < list.length) yield mark + written(from);
  yield list.length === 0 ? '[]' : ']';
}

function* partsOfObject(value: object, nodesOfPart: number): Generator<string> {
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
    if (small === '') yield* partsOf(one, nodesOfPart);
    [text, nodes] = ['', 0];
  }
  yield mark === '{' ? '{}' : `${text}}`;
}
