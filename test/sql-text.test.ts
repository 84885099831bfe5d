import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { placeholdersIn, replacePlaceholders, statementOf, withoutComments } from '../providers/contract/sql-text.ts';

describe('the text of a query', () => {
  test('has placeholders in its code alone', () => {
    const quoted = [
      "'{{ t }}'",
      "'it''s {{ t }}'",
      "E'it\\'s {{ t }}'",
      "e'\\\\' || '{{ t }}'",
      '"{{ t }}"',
      '"a""{{ t }}"',
      '$$ {{ t }} $$',
      "$a$ $b$ ' {{ t }} $a$",
      '-- {{ t }}',
      "/* it's {{ t }} */",
      '/* /* nested */ {{ t }} */',
      "'not closed {{ t }}",
      '/* not closed {{ t }}',
    ];
    for (const text of quoted) {
      assert.deepEqual(placeholdersIn(`select 1 ${text}`), [], text);
      assert.deepEqual(placeholdersIn(`select {{ a }} ${text}\n`), ['a'], text);
    }
    const around = [
      "'x' {{ t }} 'y'",
      "/* it's */ {{ t }} -- '",
      "'' {{ t }}",
      'a$b {{ t }} $',
      '$1 {{ t }} $1',
      '--\n{{t}}',
    ];
    for (const text of around) assert.deepEqual(placeholdersIn(text), ['t'], text);
    assert.deepEqual(placeholdersIn("{{ it's }} {{ -- a }} {{ t@v1 }} {{ t@v1 }} {{ }} {{ a b }}"), [
      "it's",
      '-- a',
      't@v1',
      ' ',
      'a b',
    ]);
  });

  test('keeps all but its placeholders when these are replaced', () => {
    const sql = "select '{{ t }}' as a /* {{ t }} */, b from {{ t }} join {{u}} on true -- {{ t }}";
    const expected = "select '{{ t }}' as a /* {{ t }} */, b from <t> join <u> on true -- {{ t }}";
    assert.equal(
      replacePlaceholders(sql, (reference) => `<${reference}>`),
      expected,
    );
  });

  test('ends where its code ends', () => {
    const ended = {
      'select 1': ['select 1; -- done', 'select 1;;\n', 'select 1 ; /* done; */ ;\n-- really', 'select 1 -- done'],
      "select ';'": ["select ';'", "select ';' ; -- ';"],
      'select 1; select 2': ['select 1; select 2;'],
      'select {{ t }}': ['select {{ t }} ; -- {{ u }}'],
      '-- only\nselect 1': ['-- only\nselect 1;'],
      'select 1; /* not closed ;': ['select 1; /* not closed ;'],
      '': ['', ' ; ', '-- nothing', '/* nothing */ ;'],
    };
    for (const [statement, texts] of Object.entries(ended))
      for (const text of texts) assert.equal(statementOf(text), statement, text);
  });

  test('is the same without comments', () => {
    assert.equal(withoutComments("select a--b\n, '--c' /* d /* e */ */from t"), "select a \n, '--c'  from t");
  });
});
