import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ScalarName } from '../providers/contract/value-type.ts';
import { guessedRoles, type Said } from '../server/cli/guessed-columns.ts';

const types: Readonly<Record<string, ScalarName>> = { ordered_at: 'TIMESTAMP', paid_on: 'DATE', amount: 'FLOAT64' };
const typed = (name: string) => ({ name, type: { kind: 'SCALAR' as const, name: types[name] ?? 'INT64' } });

/** Of four rows; a column has as many different values as is said of it. */
function guess(names: string[], different: Record<string, number> = {}, said: Partial<Said> = {}) {
  const counted = { rows: 4, different: new Map(Object.entries(different)) };
  const roles = guessedRoles('orders.csv', names.map(typed), counted, { key: [], ...said });
  const { keys, time, features, reasons } = roles;
  return [keys.map(({ name }) => name).join(), time?.name, features.map(({ name }) => name).join(), reasons.join('\n')];
}

describe('featuregraph init', () => {
  let home: string;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'featuregraph-init-test-'));
  });
  after(() => rm(home, { recursive: true, force: true }));

  const init = (...words: string[]) =>
    new Promise<{ code: unknown; stderr: string }>((done) => {
      execFile(
        process.execPath,
        [resolve('bin/featuregraph.js'), 'init', ...words],
        { cwd: home },
        (error, _, stderr) => done({ code: error?.code ?? 0, stderr }),
      );
    });

  test('takes for the key who comes again, where rows are dated and have an id of their own', () => {
    const [key, time, features, why = ''] = guess(['order_id', 'customer_id', 'ordered_at', 'amount'], {
      order_id: 4,
      customer_id: 3,
    });
    assert.deepEqual([key, time, features], ['customer_id', 'ordered_at', 'amount']);
    assert.match(why, /^Key: customer_id, which comes again.*; order_id is another in every row.* --key order_id\.$/m);
    assert.match(why, /^Time: ordered_at, the only column of timestamps\.$/m);
  });

  test('takes the first id where nothing speaks for another', () => {
    for (const [names, different] of [
      [['customer_id', 'shop_id', 'ordered_at', 'amount'], { customer_id: 3, shop_id: 2 }],
      [['customer_id', 'shop_id', 'amount'], { customer_id: 4, shop_id: 2 }],
      [['amount', 'customerId', 'ordered_at'], { customerId: 4 }],
    ] as const) {
      const [key, , features] = guess([...names], different);
      assert.match(key ?? '', /^customer_?id$/i);
      assert.equal(features?.split(',').length, names.filter((name) => !/customer|ordered/.test(name)).length);
    }
    assert.match(guess(['order_id', 'ordered_at', 'amount'], { order_id: 4 })[3] ?? '', /another in every row.*--key/);
    assert.match(guess(['customer_id', 'paid_on', 'amount'])[3] ?? '', /^Time: none.*--time paid_on\.$/m);
  });

  test('takes what is said instead, and guesses nothing of it', () => {
    const names = ['order_id', 'customer_id', 'ordered_at', 'paid_on', 'amount'];
    const said = { key: ['order_id', 'customer_id'], time: 'paid_on' };
    assert.deepEqual(guess(names, {}, said), ['order_id,customer_id', 'paid_on', 'ordered_at,amount', '']);
    const wrong = (one: Partial<Said>) => {
      try {
        return guess(names, {}, one);
      } catch (error) {
        return (error as Error).message;
      }
    };
    assert.equal(
      wrong({ key: ['costumer_id'] }),
      '--key costumer_id: orders.csv has no such column, but order_id, customer_id, ordered_at, paid_on, amount. Did you mean customer_id?',
    );
    assert.match(String(wrong({ time: 'then' })), /^--time then: orders\.csv has no such column, but order_id/);
    assert.match(String(wrong({ time: 'amount' })), /no timestamps and no dates; that can be ordered_at, paid_on\.$/);
    assert.match(String(wrong({ key: ['amount'] })), /no key is of its type; that can be order_id, customer_id\.$/);
    assert.match(String(wrong({ key: ['ordered_at'] })), /this is the time of the rows/);
  });

  test('counts the rows of the file, and says what it took and why', async () => {
    const rows = ['order_id,customer id,ordered_at,amount', '1,7,2024-05-01T10:00:00Z,4', '2,7,2024-05-02T10:00:00Z,5'];
    await writeFile(join(home, 'orders.csv'), `${rows.join('\n')}\n3,8,2024-05-03T10:00:00Z,6\n`);
    const begun = await init('--from', 'orders.csv');
    assert.equal(begun.code, 0, begun.stderr);
    assert.match(begun.stderr, /^Key: customer id, .*order_id is another in every row/);
    const written = await readFile(join(home, 'definitions.ts'), 'utf8');
    assert.match(written, /entity\('customer', \{ customer_id: int64\(\) \}\)/);
    assert.match(written, /joinKeys: \{ customer_id: 'customer id' \},\n {2}eventTimestamp: 'ordered_at',/);
    assert.match(written, /features: \{\n {4}amount: int64\(\),\n {2}\}/);
  });

  test('is told the columns, and names those that there are', async () => {
    const wrong = await init('told', '--from', 'orders.csv', '--key', 'order');
    assert.deepEqual(
      [wrong.code, /--key order: orders\.csv has no such column, but order_id, customer id/.test(wrong.stderr)],
      [1, true],
    );
    const told = await init(
      'told',
      '--from',
      'orders.csv',
      '--key',
      'order_id',
      '--key',
      'customer id',
      '--time',
      'ordered_at',
    );
    assert.equal(told.code, 0, told.stderr);
    const written = await readFile(join(home, 'told/definitions.ts'), 'utf8');
    assert.match(written, /entity\('order_customer', \{ order_id: int64\(\), customer_id: int64\(\) \}\)/);
    assert.doesNotMatch(told.stderr, /Key:|Time:/);
  });
});
