import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ReplyError } from 'ioredis';
import { DatabaseError } from 'pg';
import { postgresFailure } from '../providers/postgres/postgres-failures.ts';
import { qdrantFailure } from '../providers/qdrant/qdrant-failures.ts';
import { redisFailure } from '../providers/redis/redis-failures.ts';

describe('what a server says without end', () => {
  const words = 'x'.repeat(60_000);
  const failures: readonly (readonly [server: string, failure: unknown])[] = [
    ['Redis', redisFailure(new ReplyError(`ERR ${words}`))],
    ['Redis, as one of its known errors', redisFailure(new ReplyError(`OOM ${words}`))],
    ['PostgreSQL', postgresFailure(new DatabaseError(words, words.length, 'error'))],
    ['PostgreSQL, of its certificate', postgresFailure(new Error(`self-signed certificate ${words}`))],
    ['Qdrant', qdrantFailure(Object.assign(new Error(words), { status: 400, data: { status: { error: words } } }))],
    ['Qdrant, in plain text', qdrantFailure(Object.assign(new Error(words), { status: 400, data: words }))],
  ];
  for (const [server, failure] of failures) {
    test(`is cut in our message: ${server}`, () => {
      assert.ok(failure instanceof Error && 'code' in failure);
      assert.ok(failure.message.length < 1_000, `${failure.message.length} characters`);
    });
  }
});
