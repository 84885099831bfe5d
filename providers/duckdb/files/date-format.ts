/** The specifiers that a format may have, with what they match. Others would be read past, or read in two ways. */
const specifiers: Readonly<Record<string, { matches: string; part: 'YEAR' | 'MONTH' | 'DAY' | 'TIME' }>> = {
  '%Y': { matches: '[0-9]{4}', part: 'YEAR' },
  '%y': { matches: '[0-9]{2}', part: 'YEAR' },
  '%m': { matches: '[0-9]{1,2}', part: 'MONTH' },
  '%-m': { matches: '[0-9]{1,2}', part: 'MONTH' },
  '%b': { matches: '[A-Za-z]{3}', part: 'MONTH' },
  '%B': { matches: '[A-Za-z]{3,9}', part: 'MONTH' },
  '%d': { matches: '[0-9]{1,2}', part: 'DAY' },
  '%-d': { matches: '[0-9]{1,2}', part: 'DAY' },
  '%H': { matches: '[0-9]{1,2}', part: 'TIME' },
  '%-H': { matches: '[0-9]{1,2}', part: 'TIME' },
  '%I': { matches: '[0-9]{1,2}', part: 'TIME' },
  '%-I': { matches: '[0-9]{1,2}', part: 'TIME' },
  '%p': { matches: '[AaPp][Mm]', part: 'TIME' },
  '%M': { matches: '[0-9]{1,2}', part: 'TIME' },
  '%-M': { matches: '[0-9]{1,2}', part: 'TIME' },
  '%S': { matches: '[0-9]{1,2}', part: 'TIME' },
  '%-S': { matches: '[0-9]{1,2}', part: 'TIME' },
  '%f': { matches: '[0-9]{1,6}', part: 'TIME' },
  '%z': { matches: '[+-][0-9]{2}(?::?[0-9]{2})?', part: 'TIME' },
};

/**
 * The regular expression that a text in a date format matches whole. A format is made of strptime's specifiers
 * %Y %y %m %b %B %d %H %I %p %M %S %f (a fraction, to the microsecond) and %z, and has a day, a month and a year; that
 * of a DATE has no time. Answers what is wrong with it otherwise.
 */
export function datePattern(format: string, type: 'DATE' | 'TIMESTAMP'): { pattern: string } | { problem: string } {
  const parts = new Set<string>();
  let pattern = '';
  for (const [token] of format.matchAll(/%-?[A-Za-z]|%%|[^%]|%/g)) {
    const specifier = specifiers[token];
    if (specifier !== undefined) {
      if (parts.has(token)) return { problem: `"${format}" has ${token} twice` };
      parts.add(token).add(specifier.part);
      pattern += specifier.matches;
    } else if (token.startsWith('%') && token !== '%%') {
      return { problem: `"${format}" has ${token}; there are ${Object.keys(specifiers).join(' ')}` };
    } else pattern += (token === '%%' ? '%' : token).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  }
  const missing = ['DAY', 'MONTH', 'YEAR'].filter((part) => !parts.has(part));
  if (missing.length > 0) return { problem: `"${format}" has no ${missing.join(' and no ').toLowerCase()}` };
  if (type === 'DATE' && parts.has('TIME')) return { problem: `"${format}" has a time, which a DATE has not` };
  if (parts.has('%I') !== parts.has('%p')) return { problem: `"${format}" has one of %I and %p without the other` };
  return { pattern };
}
