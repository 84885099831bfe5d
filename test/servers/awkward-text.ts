import fc from 'fast-check';

/** What ends a line, a text, a comment or a template in some language that texts are written into. */
const pieces = [
  '\r',
  '\r\n',
  '\n',
  '\u2028',
  '\u2029',
  '\u0085',
  '`',
  '\u0024{x}',
  '$',
  "'",
  '"',
  '"""',
  "'''",
  '\\',
  '\\u0041',
  '/*',
  '*/',
  '//',
  '#',
  '\u0001',
  '\u007f',
  '\ufeff',
  '\u{1f600}',
  '</script>',
  'true',
  'null',
  'None',
  ' ',
];

export const awkwardText = fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((parts) => parts.join(''));
