import assert from 'node:assert/strict';
import { after, afterEach, before, describe, mock, test } from 'node:test';
import { WebSocket } from 'ws';
import { eventually } from './servers/eventually.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { openAcknowledged, openRawSocket, type RawSocket } from './servers/raw-socket.ts';

const watch = { query: 'subscription { resourceChanges { ref } }' };
const subscribe = (id: string, payload: object = { query: '{ __typename }' }) => ({ id, type: 'subscribe', payload });

type Case = {
  what: string;
  /** By default it has said hello. */
  open?: (url: string) => Promise<RawSocket>;
  does: (raw: RawSocket) => void;
  /** The code with which it is closed; without one it stays, and answers. */
  code?: number;
};

const greeted = (url: string) => openRawSocket(url);

/** What clients do that no library would. */
const cases: Case[] = [
  { what: 'never says hello', open: greeted, does: () => undefined, code: 4408 },
  { what: 'says hello twice', does: (raw) => raw.send({ type: 'connection_init' }), code: 4429 },
  { what: 'asks before it has said hello', open: greeted, does: (raw) => raw.send(subscribe('1')), code: 4401 },
  {
    what: 'uses an id twice',
    does: (raw) => {
      raw.send(subscribe('1', watch));
      raw.send(subscribe('1', watch));
    },
    code: 4409,
  },
  { what: 'sends what is no JSON', does: (raw) => raw.send('{ no json'), code: 4400 },
  { what: 'sends a message of no type', does: (raw) => raw.send({ type: 'nothing' }), code: 4400 },
  { what: 'sends what only servers do', does: (raw) => raw.send({ type: 'next', id: '1', payload: {} }), code: 4400 },
  {
    what: 'subscribes without a document',
    does: (raw) => raw.send({ type: 'subscribe', id: '1', payload: {} }),
    code: 4400,
  },
  {
    what: 'subscribes with variables that are a list',
    does: (raw) => raw.send(subscribe('1', { query: '{ __typename }', variables: [1] })),
    code: 4400,
  },
  { what: 'sends bytes', does: (raw) => raw.send(Buffer.from([0, 255, 1, 254])), code: 4400 },
  {
    what: 'sends a text that is no UTF-8',
    does: (raw) => raw.socket.send(Buffer.from([0xff, 0xfe]), { binary: false }),
    code: 1007,
  },
  {
    what: 'sends more than a socket takes',
    does: (raw) => raw.send(subscribe('1', { query: `# ${'x'.repeat(1_100_000)}` })),
    code: 1009,
  },
  {
    what: 'pings without end',
    does: (raw) => {
      for (let at = 0; at < 2_000; at++) raw.send({ type: 'ping', payload: { at } });
    },
  },
  {
    what: 'ends what never began',
    does: (raw) => {
      for (const id of ['x', '__proto__', 'constructor']) raw.send({ type: 'complete', id });
    },
  },
  { what: 'calls an operation as every object has something', does: (raw) => raw.send(subscribe('__proto__', watch)) },
  {
    what: 'begins and ends at once',
    does: (raw) => {
      for (let at = 0; at < 500; at++) {
        raw.send(subscribe(`${at}`, watch));
        raw.send({ type: 'complete', id: `${at}` });
      }
    },
  },
  { what: 'leaves without a word', does: (raw) => raw.socket.terminate(), code: 1006 },
  {
    what: 'leaves in the middle of many operations',
    does: (raw) => {
      for (let at = 0; at < 90; at++) raw.send(subscribe(`${at}`, watch));
      raw.socket.terminate();
    },
    code: 1006,
  },
];

describe('clients of graphql-ws that do what none should', () => {
  let server: TestServer;
  /** Of a server that logs errors only. */
  const logged: string[] = [];
  const said = mock.method(console, 'error', (...words: unknown[]) => logged.push(words.join(' ')));
  before(async () => {
    server = await startTestServer({ worker: false, log: { write: (line) => void logged.push(line) } });
  });
  after(async () => {
    await server.stop();
    said.mock.restore();
  });
  afterEach(() => assert.deepEqual(logged, [], 'what clients do is no error of ours'));

  for (const { what, open = openAcknowledged, does, code } of cases) {
    test(`one that ${what}${code === undefined ? ' is answered on' : ` ends with ${code}`}`, async () => {
      const raw = await open(server.url);
      does(raw);
      if (code !== undefined) assert.equal((await raw.closed).code, code);
      else {
        raw.send(subscribe('after'));
        const { payload } = await raw.heard(({ id, type }) => id === 'after' && type === 'next');
        assert.deepEqual(payload, { data: { __typename: 'Query' } });
        raw.socket.close();
      }
      assert.deepEqual((await server.graphql('{ __typename }')).data, { __typename: 'Query' });
    });
  }

  test('one that begins thousands of operations has the first, and is told of the others', async () => {
    const raw = await openAcknowledged(server.url);
    for (let at = 0; at < 3_000; at++) raw.send(subscribe(`${at}`, watch));
    await raw.heard(({ id, type }) => id === '2999' && type === 'error');
    const errors = raw.messages.filter(({ type }) => type === 'error');
    assert.equal(errors.length, 2_900);
    assert.match(JSON.stringify(errors[0]?.payload), /100 operations on one WebSocket.*LIMIT_EXCEEDED/s);
    await server.client.apply([{ entity: { name: 'heard', joinKeys: [{ name: 'id', type: 'INT64' }] } }]);
    await raw.heard(({ id, type }) => id === '99' && type === 'next');
    raw.socket.close();
  });

  test('one that asks faster than it reads is not read on until it does', async () => {
    const pausing = mock.method(WebSocket.prototype, 'pause');
    try {
      const raw = await openAcknowledged(server.url);
      raw.socket.pause();
      const payload = { text: 'x'.repeat(900_000) };
      for (let at = 0; at < 60; at++) raw.send({ type: 'ping', payload });
      const served = () => pausing.mock.calls.map((call) => call.this as WebSocket).find((one) => one !== raw.socket);
      await eventually(async () => assert.ok(served(), 'it is read on'));
      const { bufferedAmount = Number.NaN } = served() ?? {};
      assert.ok(bufferedAmount < 8_000_000, `${bufferedAmount} bytes wait`);
      raw.socket.resume();
      raw.send(subscribe('after'));
      await raw.heard(({ id, type }) => id === 'after' && type === 'next');
      assert.equal(raw.messages.filter(({ type }) => type === 'pong').length, 60);
      raw.socket.close();
    } finally {
      pausing.mock.restore();
    }
  });

  test('one of another protocol is refused, and one that reads nothing is left', async () => {
    const other = await openRawSocket(server.url, {}, 'graphql-ws').catch((error: Error) => error);
    if (!(other instanceof Error)) assert.equal((await other.closed).code, 4406);
    const { limits } = server.process.application.configuration;
    const before = limits.slowReaderMs;
    limits.slowReaderMs = 500;
    try {
      const raw = await openAcknowledged(server.url);
      const query = '{ __schema { types { name description fields { name description args { name description } } } } }';
      raw.socket.pause();
      for (let at = 0; at < 90; at++) raw.send(subscribe(`${at}`, { query }));
      // Who reads nothing hears of the end when it says something.
      const saying = setInterval(() => raw.socket.ping(), 50);
      assert.equal((await raw.closed).code, 1006);
      clearInterval(saying);
      assert.ok(raw.messages.filter(({ type }) => type === 'next').length < 90);
    } finally {
      limits.slowReaderMs = before;
    }
  });
});
