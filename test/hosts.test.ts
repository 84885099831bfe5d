import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Hosts } from '../providers/peers/hosts.ts';

describe('hosts that an operator allows', () => {
  const hosts = new Hosts(['redis.internal', '*.db.internal', '10.0.0.0/8', '192.0.2.7', 'fd00::/8', 'Case.Internal.']);
  const told: [host: string, permitted: boolean | undefined][] = [
    ['redis.internal', true],
    ['REDIS.internal.', true],
    ['case.internal', true],
    ['a.db.internal', true],
    ['a.b.db.internal', true],
    ['10.1.2.3', true],
    ['192.0.2.7', true],
    ['[fd12::1]', true],
    ['fd12::1', true],
    ['::ffff:10.0.0.1', true],
    ['db.internal', undefined],
    ['xdb.internal', undefined],
    ['redis.internal.example.org', undefined],
    ['0x0a000001', undefined],
    ['127.0.0.1', false],
    ['192.0.2.8', false],
    ['::1', false],
    ['169.254.169.254', false],
  ];
  for (const [host, permitted] of told)
    test(`${host} is ${permitted}`, () => assert.equal(hosts.permits(host), permitted));

  test('are known without a look when there are names only', () => {
    assert.equal(new Hosts(['redis.internal']).permits('other'), false);
    assert.equal(new Hosts([]).permits('localhost'), false);
  });

  test('are looked up to what is in a network alone', async () => {
    const looked = (rules: string[], host: string) =>
      new Promise((resolve) =>
        new Hosts(rules).lookup(host, {}, (error, address) => resolve(error?.constructor.name ?? address)),
      );
    assert.equal(await looked(['10.0.0.0/8'], 'localhost'), 'RefusedHost');
    assert.match(String(await looked(['127.0.0.0/8', '::1'], 'localhost')), /^(127\.0\.0\.1|::1)$/);
    assert.match(String(await looked(['localhost'], 'localhost')), /^(127\.0\.0\.1|::1)$/);
    assert.equal(await looked(['other'], 'localhost'), 'RefusedHost');
  });

  test('are refused when they are none', () => {
    for (const rule of ['10.0.0.0/33', 'a b', 'http://x', '*', '*.', '10.0.0.0/x', 'x:5']) {
      assert.throws(() => new Hosts([rule]), RangeError, rule);
    }
  });
});
