/**
 * Why an expression can't be compiled. `line` and `column` count from 1, columns in characters; `excerpt` is that line
 * with a caret below the place.
 */
export type ExpressionProblem = {
  code: ProblemCode;
  message: string;
  fix: string;
  line: number;
  column: number;
  excerpt: string;
};

export const problemCodes = ['SYNTAX', 'UNKNOWN_NAME', 'UNKNOWN_FUNCTION', 'TYPE', 'VALUE', 'LIMIT'] as const;
export type ProblemCode = (typeof problemCodes)[number];

/** Ends the compiling of an expression; `offset` is the place in its text, in UTF-16 code units. */
export class ExpressionRefusal extends Error {
  readonly code: ProblemCode;
  readonly offset: number;
  readonly fix: string;

  constructor(code: ProblemCode, offset: number, message: string, fix: string) {
    super(message);
    this.code = code;
    this.offset = offset;
    this.fix = fix;
  }
}

const shownBefore = 60;
const shownAfter = 40;

export function problemAt(text: string, { code, message, fix, offset }: ExpressionRefusal): ExpressionProblem {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf('\n') + 1;
  const end = text.indexOf('\n', offset);
  const line = before.split('\n').length;
  const lead = text.slice(start, offset);
  const column = [...lead].length + 1;
  return { code, message, fix, line, column, excerpt: excerptOf(lead, text.slice(offset, end < 0 ? undefined : end)) };
}

/** The end of a long line is cut on both sides of the place. Tabs are one wide, so that the caret stands right. */
function excerptOf(lead: string, rest: string): string {
  const characters = [...lead.replaceAll('\t', ' ')];
  const cut = characters.length > shownBefore;
  const shown = cut ? ['…', ...characters.slice(-shownBefore)] : characters;
  const after = [...rest.replaceAll('\t', ' ').replaceAll('\r', '')];
  const tail = after.length > shownAfter ? [...after.slice(0, shownAfter), '…'] : after;
  return `${[...shown, ...tail].join('')}\n${' '.repeat(shown.length)}^`;
}

/** `1:14: there is no "amout"`, with the excerpt on the next lines. */
export function formatProblem({ line, column, message, excerpt }: ExpressionProblem): string {
  return `${line}:${column}: ${message}\n${excerpt}`;
}
