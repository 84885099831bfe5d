import { RE2JS } from '@bufbuild/re2';
import { expressionLimits } from '../expression-limits.ts';
import { type Overload, overload, type Preparing } from './overload.ts';

/** A character meets each part of a pattern once, or all of them at each of its own: some 40 ns a part, 300 at worst. */
const stepsOfPart = 4;

/** States of a pattern's automaton that are kept, each of a kilobyte or more; it does without when it has made too many. */
const mostStates = 500;

/** Whether a text has what a pattern of RE2 describes. */
export const matching: Overload = {
  ...overload(['string', 'string'], 'bool', () => null),
  prepare: (text, preparing) => {
    if (!hasRoom(text, preparing)) {
      const most = `the patterns of an expression have ${expressionLimits.patterns} characters at most`;
      return {
        problem: `${most}, each as often as it is repeated`,
        fix: 'Repeat less, or make several features of it.',
      };
    }
    try {
      const compiled = RE2JS.compile(text);
      const { prog, dfa } = compiled.re2();
      dfa.stateLimit = mostStates;
      return { apply: (value: string) => compiled.test(value), cost: { each: stepsOfPart * prog.numInst() } };
    } catch (error) {
      const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'unreadable';
      return { problem: `the pattern is none of RE2: ${reason}`, fix: 'Write a regular expression of RE2.' };
    }
  },
};

/**
 * Compiling takes a time by the size of a pattern, which a few characters can make any; so it is known before. A text that is
 * too long by itself is not even looked through: a part of an expression may make one of it.
 */
function hasRoom(text: string, preparing: Preparing): boolean {
  preparing.patterns += text.length > expressionLimits.patterns ? text.length : patternSize(text);
  return preparing.patterns <= expressionLimits.patterns;
}

/**
 * A quoted text; a class, in which brackets stand for themselves but those of a named one; a class of Unicode; an escaped
 * character; flags, which are nothing themselves; a repetition. Each is read in one way alone, so that nothing is tried twice.
 */
const token =
  /\\Q(?<quoted>.*?)(?:\\E|$)|\[\^?\]?(?:\\.|\[:\^?[a-z]*:\]|[^\]\\])*\]|\\[pP](?:\{[^}]*\}|.)|\\x\{[^}]*\}|\\.|(?<flags>\(\?[a-zA-Z-]+\))|\{(?<least>\d+)(?:,(?<most>\d*))?\}|./gsu;

const unicodeClass = /\\[pP]/g;
/** Characters that it takes as long to compile as a class of Unicode: it has hundreds of ranges, which are put in order. */
const sizeOfUnicodeClass = 50;

/**
 * About how large a pattern of RE2 is once it is compiled: its characters, each as often as it is repeated, and what is in
 * its classes of Unicode, which are made once. Of a text that is no pattern it is some number.
 */
export function patternSize(text: string): number {
  let [size, last] = [0, 0];
  const around: number[] = [];
  for (const { 0: part, groups } of text.matchAll(token)) {
    // What stands before flags is what is repeated after them.
    if (groups?.flags !== undefined) continue;
    const times = repetition(groups);
    if (times !== undefined) {
      size += last * (times - 1);
      last *= times;
    } else if (part === '(') {
      around.push(size);
      [size, last] = [0, 0];
    } else if (part === ')') {
      last = size + 2;
      size = last + (around.pop() ?? 0);
    } else {
      const quoted = groups?.quoted;
      last = quoted === undefined ? part.length : 1;
      size += quoted?.length ?? last;
    }
  }
  const classes = text.match(unicodeClass)?.length ?? 0;
  return around.reduce((sum, one) => sum + one, size + classes * sizeOfUnicodeClass);
}

/** How often `{2}`, `{2,}` or `{2,5}` repeats what stands before; undefined for what is no repetition. */
function repetition({ least, most = '0' }: Record<string, string | undefined> = {}): number | undefined {
  if (least === undefined) return undefined;
  return Math.max(1, most === '' ? Number(least) + 1 : Number(least), Number(most));
}
