import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { appendChange, type Change, ChangeFeed, purgeChanges } from '../src/state/change-feed.ts';
import { type Database, openDatabase } from '../src/state/database.ts';
import { writeTransaction } from '../src/state/write-transaction.ts';
import { postgresForTests } from './servers/postgres.ts';
import { describeStateEngines } from './servers/state-engines.ts';
import { assertWithin } from './servers/within.ts';

describeStateEngines('state', await postgresForTests(), ({ name, url, open }) => {
  let database: Database;
  let feed: ChangeFeed;

  before(async () => {
    database = await open();
    feed = new ChangeFeed(database);
    await feed.start();
  });

  after(async () => {
    await feed.stop();
    await database.close();
  });

  function collect(subject: string): { changes: Change[]; stop: () => void } {
    const changes: Change[] = [];
    const stop = feed.subscribe('JOB', (change) => {
      if (change.subject.startsWith(subject)) changes.push(change);
    });
    return { changes, stop };
  }

  async function until(isDone: () => boolean): Promise<void> {
    const deadline = performance.now() + 180_000;
    while (!isDone()) {
      assert.ok(performance.now() < deadline, 'nothing came');
      await delay(10);
    }
  }

  test('lets others of this process on between queries', async () => {
    const queries = 20;
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns++;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const long = sql`SELECT count(*) FROM generate_series(1, 300000)`;
    await Promise.all(Array.from({ length: queries }, () => long.execute(database.kysely)));
    isDone = true;
    // Several may share a slice; without turns there is none in between.
    assert.ok(turns >= 4, `${turns} turns`);
  });

  async function register(resource: { name: string; owner?: string; tags?: string[]; description?: string }) {
    const id = crypto.randomUUID();
    await database.kysely
      .insertInto('resource')
      .values({
        id,
        kind: 'SOURCE',
        variant: 'v1',
        definition: JSON.stringify({ snake_case: [{ camelCase: 1 }] }),
        status: 'READY',
        statusMessage: null,
        ...resource,
        owner: resource.owner ?? null,
      })
      .execute();
    return id;
  }

  test('a row is read as it was written', async () => {
    const id = await register({ name: 'trips', owner: 'ann', tags: ['a b', 'c,"d"'] });
    const row = await database.kysely.selectFrom('resource').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    assert.deepEqual(row.definition, { snake_case: [{ camelCase: 1 }] });
    assert.deepEqual([row.tags, row.properties, row.revision], [['a b', 'c,"d"'], {}, 1]);
    assert.ok(row.createdAt instanceof Date);
    assert.equal(row.searchText, 'trips  ann a b c,"d"');
  });

  test('event times keep their microseconds, and their range', async () => {
    const resourceId = await register({ name: 'materialized' });
    for (const watermark of [1_700_000_000_123_456n, 2n ** 62n, -1n]) {
      const row = await database.kysely
        .insertInto('materialization')
        .values({ resourceId, rows: 1, watermark })
        .returning('watermark')
        .executeTakeFirstOrThrow();
      assert.equal(BigInt(row.watermark ?? 0), watermark);
    }
  });

  test('search forgives typing errors, by an index', async () => {
    const id = await register({ name: 'airport_weather', description: 'Hourly Meteorology' });
    const found = await database.kysely
      .selectFrom('resource')
      .select('id')
      .where(sql<boolean>`'metorology' <% search_text`)
      .execute();
    assert.deepEqual(found, [{ id }]);
  });

  test('what is used cannot go; what goes takes its edges along', async () => {
    const upstream = await register({ name: 'upstream' });
    const downstream = await register({ name: 'downstream' });
    await database.kysely.insertInto('resourceEdge').values({ fromId: upstream, toId: downstream }).execute();
    await assert.rejects(
      database.kysely.deleteFrom('resource').where('id', '=', upstream).execute(),
      /violates .*foreign key constraint/,
    );
    await database.kysely.deleteFrom('resource').where('id', '=', downstream).execute();
    await database.kysely.deleteFrom('resource').where('id', '=', upstream).execute();
  });

  test('the feed delivers what concurrent writers append, in order of commit and without gaps', async () => {
    const { changes, stop } = collect('writer');
    const committed: string[] = [];
    const write = async (writer: number) => {
      for (let i = 0; i < 20; i++) {
        await writeTransaction(database, async (trx) => {
          await appendChange(trx, 'JOB', `writer ${writer} ${i} first`, null);
          await delay(writer % 2);
          await appendChange(trx, 'JOB', `writer ${writer} ${i} second`, { i });
        });
        committed.push(`writer ${writer} ${i}`);
      }
    };
    await Promise.all([0, 1, 2, 3, 4].map(write));
    await until(() => changes.length === 200);
    stop();
    const seqs = changes.map(({ seq }) => seq);
    assert.deepEqual(
      seqs,
      seqs.toSorted((left, right) => left - right),
    );
    for (let i = 0; i < 200; i += 2) {
      assert.equal(changes[i]?.subject.replace('first', 'second'), changes[i + 1]?.subject);
    }
    assert.equal(feed.lastSeq >= (seqs.at(-1) ?? 0), true);
  });

  test('writers that append without the lock first are in order too, and a rollback leaves nothing', async () => {
    const { changes, stop } = collect('plain');
    const append = (subject: string, ms: number) =>
      database.kysely.transaction().execute(async (trx) => {
        await appendChange(trx, 'JOB', subject, null);
        await delay(ms);
        if (subject === 'plain lost') throw new Error('rolled back');
      });
    const writes = [append('plain slow', 150), append('plain lost', 20), append('plain fast', 0)];
    await Promise.allSettled(writes);
    await until(() => changes.length === 2);
    await delay(50);
    stop();
    const seqs = changes.map(({ seq }) => seq);
    assert.equal(changes.length, 2);
    assert.deepEqual(
      seqs,
      seqs.toSorted((left, right) => left - right),
    );
  });

  test('changes older than a day are purged', async () => {
    await sql`update ${sql.table('tests.change')} set at = now() - interval '25 hours'`.execute(database.kysely);
    await writeTransaction(database, (trx) => appendChange(trx, 'RESOURCE', 'young', null));
    await purgeChanges(database);
    const left = await database.kysely.selectFrom('change').select('subject').execute();
    assert.deepEqual(left, [{ subject: 'young' }]);
  });

  if (name === 'postgres') {
    test('several processes can open a new database at once', async () => {
      const opened = await Promise.all(
        Array.from({ length: 6 }, () => openDatabase({ url, schema: 'opened_at_once' })),
      );
      for (const one of opened) {
        assert.deepEqual(await one.kysely.selectFrom('job').selectAll().execute(), []);
        await one.close();
      }
    });

    test('projects on one server do not see each other', async () => {
      const other = await openDatabase({ url, schema: 'other_project' });
      await register({ name: 'mine' });
      const seen = await other.kysely.selectFrom('resource').selectAll().execute();
      await other.close();
      assert.deepEqual(seen, []);
    });

    test('the feed catches up after its connection was cut', async () => {
      const { changes, stop } = collect('cut');
      await sql`
        select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %' and datname = current_database()
      `.execute(database.kysely);
      for (let i = 0; i < 5; i++) {
        await writeTransaction(database, (trx) => appendChange(trx, 'JOB', `cut ${i}`, null));
      }
      await until(() => changes.length === 5);
      await delay(500);
      await writeTransaction(database, (trx) => appendChange(trx, 'JOB', 'cut 5', null));
      const from = performance.now();
      await until(() => changes.length === 6);
      stop();
      assertWithin(2_000, performance.now() - from);
    });

    test('a server that is not there is UNAVAILABLE, without its address', async () => {
      const opening = openDatabase({ url: 'postgres://user:secret@127.0.0.1:1/x', schema: 'tests' });
      await assert.rejects(opening, (error) => {
        assert.ok(error instanceof Error && 'code' in error && error.code === 'UNAVAILABLE');
        return !/secret|127\.0\.0\.1/.test(error.message);
      });
    });
  }

  test('a database of a newer version is refused where that breaks older ones, and works beside them where it adds', async () => {
    const schema = 'newer';
    const directory = url === undefined ? await mkdtemp(join(tmpdir(), 'featuregraph-newer-')) : undefined;
    const older = await openDatabase({ url, directory, schema });
    const ran = (name: string) =>
      sql`insert into ${sql.table('newer.kysely_migration')} values (${name}, '2999-01-01')`.execute(older.kysely);
    await ran('0998-more-columns');
    await ran('0999-less-columns-breaking');
    await older.close();
    await assert.rejects(openDatabase({ url, directory, schema }), { code: 'UNSUPPORTED', message: /newer version/ });
    if (directory !== undefined) return rm(directory, { recursive: true });

    const beside = 'beside';
    const before = await openDatabase({ url, schema: beside });
    const jobs = () => before.kysely.selectFrom('job').selectAll().where('state', '=', 'PENDING').execute();
    assert.deepEqual(await jobs(), []);
    await sql`alter table beside.job add column added text`.execute(before.kysely);
    await sql`insert into ${sql.table('beside.kysely_migration')} values ('0998-more-columns', '2999-01-01')`.execute(
      before.kysely,
    );
    assert.deepEqual(await jobs(), []);
    await sql`alter table beside.job add column another text`.execute(before.kysely);
    const inTransaction = () =>
      writeTransaction(before, (trx) => trx.selectFrom('job').selectAll().where('state', '=', 'PENDING').execute());
    assert.deepEqual(await inTransaction(), []);
    const { rows } = await sql<{ name: string }>`select name from pg_prepared_statements`.execute(before.kysely);
    assert.ok(rows.length > 0, 'nothing was prepared');
    const restarted = await openDatabase({ url, schema: beside });
    assert.deepEqual(await restarted.kysely.selectFrom('job').select('id').execute(), []);
    await Promise.all([before.close(), restarted.close()]);
  });
});

describe('the embedded directory', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'featuregraph-lock-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  const holder = `
    const { openDatabase } = await import(${JSON.stringify(new URL('../src/state/database.ts', import.meta.url).href)});
    await openDatabase({ directory: process.argv[1], schema: 'locked' });
    console.log('open');
    setInterval(() => {}, 1000);
  `;

  test('is one process at a time, and free again after a kill', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', holder, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await assert.rejects(openDatabase({ directory, schema: 'locked' }), {
      code: 'CONFLICT',
      message: new RegExp(`process ${child.pid}\\b`),
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const database = await openDatabase({ directory, schema: 'locked' });
    await assert.rejects(openDatabase({ directory, schema: 'locked' }), { code: 'CONFLICT' });
    await database.close();
  });

  test('bad options are named', async () => {
    await assert.rejects(openDatabase({ schema: 'tests' }), { code: 'INVALID_INPUT' });
    await assert.rejects(openDatabase({ directory, schema: 'Robert"; drop' }), { code: 'INVALID_INPUT' });
  });
});
