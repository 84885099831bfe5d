import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DownloadFormat, JsonValue } from '@featuregraph/client';
import { tableFromIPC } from 'apache-arrow';
import { settleJobs, writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

const columns = [
  { name: 'driver_id', type: 'INT64' },
  { name: 'flag', type: 'BOOL' },
  { name: 'small', type: 'INT32' },
  { name: 'single', type: 'FLOAT32' },
  { name: 'double', type: 'FLOAT64' },
  { name: 'words', type: 'STRING' },
  { name: 'raw', type: 'BYTES' },
  { name: 'day', type: 'DATE' },
  { name: 'moment', type: 'TIMESTAMP' },
  { name: 'list', type: 'STRING[]' },
];

const rows: JsonValue[][] = [
  [1, true, -1, 0.5, '-0', 'a,"b"\nc', 'AP8=', '2024-02-29', '1969-12-31T23:59:59.999999Z', ['x', null, '']],
  [
    '9223372036854775807',
    false,
    2147483647,
    'NaN',
    'Infinity',
    '',
    '',
    '0001-01-01',
    '9999-12-31T23:59:59.999999Z',
    [],
  ],
  [2, null, null, null, null, null, null, null, null, null],
  ['-9007199254740993', true, 0, '-Infinity', 5e-324, '😀', 'AAAA', '1969-12-31', '2024-01-01T00:00:00Z', [null]],
];

describe('downloads', () => {
  let server: TestServer;
  let download: string;

  /** Rows of every type, with one feature joined to them. */
  before(async () => {
    server = await startTestServer();
    await writeDriversFiles(server.dataRoot);
    await server.client.apply([
      { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
      { source: { name: 'stats', files: { paths: ['stats.csv'] } } },
      { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
      {
        featureView: {
          name: 'stats',
          entity: 'driver',
          source: 'stats',
          eventTimestamp: 'happened_at',
          features: [{ name: 'city', type: 'STRING' }],
        },
      },
    ]);
    const { operations } = server.client;
    const { retrieveHistoricalFeatures } = await operations.RetrieveHistoricalFeatures({
      select: { features: [{ feature: 'stats:city' }] },
      spine: { rows: { columns, rows, entities: [{ entity: 'driver' }] } },
    });
    assert.deepEqual(await settleJobs(server), []);
    const { job } = await operations.JobRun({ id: retrieveHistoricalFeatures.id });
    assert.deepEqual(
      job?.run?.rows.edges.map(({ node }) => node),
      expected,
    );
    download = job?.run?.download.replace('PARQUET', '') ?? '';
  });
  after(() => server.stop());

  const cities = ['Rome', null, 'Bern, CH', null];
  const expected = rows.map((row, at) => [...row, cities[at] ?? null]);
  const names = [...columns.map(({ name }) => name), 'city'];

  async function downloaded(format: DownloadFormat, contentType: RegExp): Promise<Buffer> {
    const answer = await fetch(new URL(`${download}${format}`, server.url));
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type') ?? '', contentType);
    assert.match(answer.headers.get('content-disposition') ?? '', /attachment; filename="[\w-]+\.\w+"/);
    return Buffer.from(await answer.arrayBuffer());
  }

  test('as JSON Lines have every value in the form of the graph', async () => {
    const text = (await downloaded('JSONL', /jsonl/)).toString();
    const lines = text.split('\n').slice(0, -1);
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      expected.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at]]))),
    );
    assert.ok(text.endsWith('\n'));
  });

  test('as CSV quote what must be quoted, and tell a null from an empty text', async () => {
    const text = (await downloaded('CSV', /text\/csv/)).toString();
    assert.equal(
      text,
      [
        'driver_id,flag,small,single,double,words,raw,day,moment,list,city',
        '1,true,-1,0.5,-0,"a,""b""\nc",AP8=,2024-02-29,1969-12-31T23:59:59.999999Z,"[""x"",null,""""]",Rome',
        '9223372036854775807,false,2147483647,NaN,Infinity,"","",0001-01-01,9999-12-31T23:59:59.999999Z,[],',
        '2,,,,,,,,,,"Bern, CH"',
        '-9007199254740993,true,0,-Infinity,5e-324,😀,AAAA,1969-12-31,2024-01-01T00:00:00Z,[null],',
        '',
      ].join('\n'),
    );
  });

  test('as Arrow have every value and every type', async () => {
    const table = tableFromIPC(await downloaded('ARROW', /arrow/));
    assert.deepEqual(
      table.schema.fields.map(({ name, type }) => `${name} ${type}`),
      [
        'driver_id Int64',
        'flag Bool',
        'small Int32',
        'single Float32',
        'double Float64',
        'words Utf8',
        'raw Binary',
        'day Date32<DAY>',
        'moment Timestamp<MICROSECOND, UTC>',
        'list List<Utf8>',
        'city Utf8',
      ],
    );
    const column = (name: string) => [...(table.getChild(name) ?? [])];
    assert.deepEqual(column('driver_id'), [1n, 2n ** 63n - 1n, 2n, -(2n ** 53n) - 1n]);
    assert.deepEqual(column('flag'), [true, false, null, true]);
    assert.deepEqual(column('small'), [-1, 2 ** 31 - 1, null, 0]);
    assert.deepEqual(column('single'), [0.5, Number.NaN, null, -Infinity]);
    assert.deepEqual(column('double'), [-0, Infinity, null, Number.MIN_VALUE]);
    assert.deepEqual(column('words'), ['a,"b"\nc', '', null, '😀']);
    assert.deepEqual(
      column('raw').map((bytes) => bytes && [...bytes]),
      [[0, 255], [], null, [0, 0, 0]],
    );
    const days = table.getChild('day')?.data[0]?.values;
    assert.deepEqual([...(days ?? [])], [19_782, -719_162, 0, -1]);
    assert.equal(column('day')[2], null);
    const moments = table.getChild('moment')?.data[0]?.values;
    assert.deepEqual([...(moments ?? [])], [-1n, 253_402_300_799_999_999n, 0n, 1_704_067_200_000_000n]);
    assert.deepEqual(
      column('list').map((list) => list && [...list]),
      [['x', null, ''], [], null, [null]],
    );
    assert.deepEqual(column('city'), cities);
  });

  test('are compressed for who takes that, and say that they are whole', async () => {
    const url = new URL(`${download}CSV`, server.url);
    const ask = (accepted: string) =>
      new Promise<IncomingMessage & { bytes: Buffer }>((resolve, reject) => {
        get(url, { headers: { 'accept-encoding': accepted } }, async (answer) => {
          resolve(Object.assign(answer, { bytes: Buffer.concat(await Array.fromAsync(answer)) }));
        }).once('error', reject);
      });
    const plain = await ask('gzip, zstd;q=0');
    assert.equal(plain.headers['content-encoding'], undefined);
    const packed = await ask('gzip, zstd');
    assert.equal(packed.headers['content-encoding'], 'zstd');
    assert.deepEqual(zstdDecompressSync(packed.bytes), plain.bytes);
    assert.equal(packed.trailers['x-featuregraph-outcome'], 'complete');
  });

  test('as Parquet give the ranges that are asked for', async () => {
    const url = new URL(`${download}PARQUET`, server.url);
    const whole = await downloaded('PARQUET', /parquet/);
    const head = await fetch(url, { method: 'HEAD' });
    assert.equal(head.headers.get('accept-ranges'), 'bytes');
    assert.equal(head.headers.get('content-length'), `${whole.length}`);
    const part = async (range: string, others: Record<string, string> = {}) => {
      const answer = await fetch(url, { headers: { range, ...others } });
      return { answer, bytes: Buffer.from(await answer.arrayBuffer()) };
    };
    const { answer, bytes } = await part('bytes=-8');
    assert.equal(answer.status, 206);
    assert.equal(answer.headers.get('content-range'), `bytes ${whole.length - 8}-${whole.length - 1}/${whole.length}`);
    assert.equal(answer.headers.get('x-featuregraph-rows'), '4');
    assert.deepEqual(bytes, whole.subarray(-8));
    assert.deepEqual((await part('bytes=4-9')).bytes, whole.subarray(4, 10));
    assert.equal((await part(`bytes=${whole.length}-`)).answer.status, 416);
    const another = await part('bytes=0-3', { 'if-range': '"another"' });
    assert.deepEqual([another.answer.status, another.bytes.length], [200, whole.length]);
  });

  test('as Parquet hold the same rows', async () => {
    const file = join(server.dataRoot, 'downloaded.parquet');
    await writeFile(file, await downloaded('PARQUET', /parquet/));
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    try {
      await connection.run("set timezone = 'UTC'");
      const read = await connection.runAndReadAll(
        `select driver_id::varchar, flag, small, single::varchar, double::varchar, words, base64(raw), day::varchar,
          epoch_us(moment)::varchar, to_json(list)::varchar, city from '${file}'`,
      );
      assert.deepEqual(read.getRows(), [
        ['1', true, -1, '0.5', '-0.0', 'a,"b"\nc', 'AP8=', '2024-02-29', '-1', '["x",null,""]', 'Rome'],
        [
          '9223372036854775807',
          false,
          2147483647,
          'nan',
          'inf',
          '',
          '',
          '0001-01-01',
          '253402300799999999',
          '[]',
          null,
        ],
        ['2', null, null, null, null, null, null, null, null, null, 'Bern, CH'],
        [
          '-9007199254740993',
          true,
          0,
          '-inf',
          '5e-324',
          '😀',
          'AAAA',
          '1969-12-31',
          '1704067200000000',
          '[null]',
          null,
        ],
      ]);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });

  test('of a run or in a format that is not there are refused', async () => {
    const ask = async (path: string) => {
      const answer = await fetch(new URL(path, server.url));
      return [answer.status, ((await answer.json()) as { code: string }).code];
    };
    assert.deepEqual(await ask('/runs/00000000-0000-0000-0000-000000000000?format=CSV'), [404, 'NOT_FOUND']);
    assert.deepEqual(await ask('/runs/..%2f..%2fetc'), [404, 'NOT_FOUND']);
    assert.deepEqual(await ask(`${download}XLS`), [400, 'INVALID_INPUT']);
  });
});
