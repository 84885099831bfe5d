import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Failure } from '../providers/contract/failure.ts';
import { redisFailure } from '../providers/redis/redis-failures.ts';
import { providerConfig } from '../src/registry/definitions/provider-config.ts';
import { redisAddress } from '../src/stores/redis-address.ts';

describe('a failure of Redis', () => {
  test('is one whatever the client or the system says of a connection', () => {
    const system = Object.assign(new Error('getaddrinfo EINVAL x'), { code: 'EINVAL', syscall: 'getaddrinfo' });
    for (const error of [system, new Error('timeout')]) {
      const failure = redisFailure(error);
      assert.ok(failure instanceof Failure && failure.code === 'UNAVAILABLE', error.message);
      assert.doesNotMatch(failure.message, /getaddrinfo/);
    }
    const defect = new Error('a timeout of something else');
    assert.equal(redisFailure(defect), defect);
  });
});

describe('the address of a Redis provider', () => {
  const addressOf = (written: string) =>
    redisAddress({ url: { env: 'LATEST' } }, { variables: { LATEST: written }, directory: '' });

  test('is read from a URL, with what is percent-encoded in it', async () => {
    assert.deepEqual(await addressOf('rediss://us%40er:p%25%2Fss@[::1]:7000/3'), {
      nodes: [{ host: '::1', port: 7000 }],
      database: 3,
      username: 'us@er',
      password: 'p%/ss',
      tls: { verify: true },
      cluster: false,
    });
    assert.deepEqual(await addressOf('redis://latest'), { nodes: [{ host: 'latest', port: 6379 }], cluster: false });
  });

  for (const written of [
    'redis://:p%ss@latest',
    'redis:///0',
    'redis:6379',
    'http://latest',
    'latest:6379',
    'redis://latest/a',
  ]) {
    test(`is none in ${written}, which no message repeats`, async () => {
      await assert.rejects(addressOf(written), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'NOT_READY');
        assert.doesNotMatch(JSON.stringify([error.message, error]), /p%ss|latest/);
        return true;
      });
    });
  }

  test('has hosts and ports that there can be', () => {
    const isValid = (config: unknown) => providerConfig.safeParse(config).success;
    for (const node of ['latest:1', '10.0.0.1:65535', '[::1]:6379']) assert.ok(isValid({ redis: { nodes: [node] } }));
    for (const node of ['latest:0', 'latest:65536', '[::1]:99999']) assert.ok(!isValid({ redis: { nodes: [node] } }));
    for (const host of ['latest', '10.0.0.1', '::1']) {
      assert.ok(isValid({ redis: { host } }) && isValid({ postgres: { host } }));
    }
    for (const host of ['redis://latest', 'user@latest', 'latest?sslmode=disable', 'latest/0']) {
      assert.ok(!isValid({ redis: { host } }) && !isValid({ postgres: { host } }));
    }
    const long = 'a'.repeat(254);
    for (const config of [
      { redis: { host: long } },
      { postgres: { host: long } },
      { redis: { nodes: [`${long}a:65535`] } },
    ])
      assert.ok(!isValid(config));
    for (const product of ['duckdb', 'lmdb', 'usearch']) assert.ok(!isValid({ [product]: { path: 'a'.repeat(201) } }));
    assert.ok(!isValid({ redis: { host: 'latest', password: { file: 'a'.repeat(201) } } }));
  });
});
