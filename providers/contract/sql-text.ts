/*
 * What of a query's text is code. A placeholder `{{ name@variant }}` stands for an input only there: in a quoted text, a
 * quoted name or a comment it is text like any other. Quotes and comments are those that all our engines share with
 * PostgreSQL: 'text', E'text', "name", $tag$text$tag$, -- to the end of the line, and nested comments between slash and
 * star. What isn't closed reaches to the end: the engine says so.
 */

type Part = { kind: 'PLACEHOLDER' | 'QUOTED' | 'COMMENT'; start: number; end: number; reference?: string };

const opening = new RegExp(
  [
    String.raw`\{\{\s*(?<reference>[^{}]+?)\s*\}\}`,
    String.raw`(?<escaped>(?<![\w$])[eE]'[^'\\]*(?:(?:''|\\[\s\S])[^'\\]*)*(?:'|$))`,
    `(?<quoted>'[^']*(?:''[^']*)*(?:'|$)|"[^"]*(?:""[^"]*)*(?:"|$))`,
    String.raw`(?<dollars>(?<![\w$])\$(?<tag>(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$[\s\S]*?(?:\$\k<tag>\$|$))`,
    String.raw`(?<comment>--[^\n\r]*)`,
    String.raw`(?<block>/\*)`,
  ].join('|'),
);

/** The query with each placeholder as `replace` writes it. */
export function replacePlaceholders(sql: string, replace: (reference: string) => string): string {
  let written = '';
  let done = 0;
  for (const { start, end, reference } of partsOf(sql)) {
    if (reference === undefined) continue;
    written += sql.slice(done, start) + replace(reference);
    done = end;
  }
  return written + sql.slice(done);
}

/** The references that a query's placeholders hold, each once, as they are written. */
export function placeholdersIn(sql: string): string[] {
  return [...new Set([...partsOf(sql)].flatMap(({ reference }) => reference ?? []))];
}

/** The query without comments; a space stands for each. */
export function withoutComments(sql: string): string {
  let written = '';
  let done = 0;
  for (const { kind, start, end } of partsOf(sql)) {
    if (kind !== 'COMMENT') continue;
    written += `${sql.slice(done, start)} `;
    done = end;
  }
  return written + sql.slice(done);
}

/** The query without the semicolons and comments that may follow it: what is left can stand in parentheses. */
export function statementOf(sql: string): string {
  let end = sql.length;
  for (const part of [...partsOf(sql)].reverse()) {
    const code = sql.slice(part.end, end).replace(/[\s;]+$/, '');
    if (code !== '' || part.kind !== 'COMMENT') return sql.slice(0, part.end) + code;
    end = part.start;
  }
  return sql.slice(0, end).replace(/[\s;]+$/, '');
}

function* partsOf(sql: string): Generator<Part> {
  const next = new RegExp(opening, 'g');
  for (let match = next.exec(sql); match !== null; match = next.exec(sql)) {
    const { index: start, groups: { reference, comment, block } = {} } = match;
    const closed = block === undefined ? next.lastIndex : endOfBlock(sql, start);
    const end = closed ?? sql.length;
    const isComment = comment !== undefined || (block !== undefined && closed !== undefined);
    const kind = reference !== undefined ? 'PLACEHOLDER' : isComment ? 'COMMENT' : 'QUOTED';
    yield { kind, start, end, ...(reference !== undefined && { reference }) };
    next.lastIndex = end;
  }
}

function endOfBlock(sql: string, start: number): number | undefined {
  let depth = 0;
  for (const { 0: mark, index } of sql.slice(start).matchAll(/\/\*|\*\//g)) {
    depth += mark === '/*' ? 1 : -1;
    if (depth === 0) return start + index + mark.length;
  }
  return undefined;
}
