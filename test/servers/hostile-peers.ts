import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** What a server does with a connection that it was sent bytes on. */
type Script = (socket: Socket, heard: Buffer) => void;

/** A server that behaves badly. `afterwards` is for what it is sent after the first bytes. */
export type HostilePeer = { name: string; first: Script; afterwards?: Script };

export type RunningPeer = { port: number; stop(): Promise<void> };

export async function startPeer({ first, afterwards = () => {} }: HostilePeer): Promise<RunningPeer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.once('data', (heard) => {
      first(socket, heard);
      socket.on('data', (more) => afterwards(socket, more));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('this system gave no port');
  return {
    port: address.port,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const says =
  (...parts: (Buffer | string)[]): Script =>
  (socket) => {
    for (const part of parts) socket.write(part);
  };

/** Writes the same again and again, as fast as it is read, until the other side has had enough. */
const withoutEnd =
  (part: Buffer | string, before: Buffer | string = ''): Script =>
  (socket) => {
    socket.write(before);
    // Many at once: it is the reader who is to be kept busy.
    const parts = Buffer.alloc(Math.ceil(65_536 / part.length) * Buffer.byteLength(part), part);
    const more = () => {
      if (socket.destroyed) return;
      // However fast it is read, others have their turns to flood.
      if (socket.write(parts)) setImmediate(more);
      else socket.once('drain', more);
    };
    more();
  };

const silent: Script = () => {};
const noise = Buffer.from(Array.from({ length: 4_096 }, (_, at) => (at * 131 + 17) % 256));
const page = 'HTTP/1.1 400 Bad Request\r\ncontent-type: text/html\r\ncontent-length: 11\r\n\r\nbad request';

const everywhere: HostilePeer[] = [
  { name: 'says nothing', first: silent },
  { name: 'says noise', first: says(noise) },
  { name: 'says noise without end', first: withoutEnd(noise) },
  { name: 'hangs up', first: (socket) => socket.resetAndDestroy() },
];

/** A message of PostgreSQL, whose length may be another than it has. */
function message(kind: string, content: Buffer | string, length = 4 + Buffer.byteLength(content)): Buffer {
  const header = Buffer.alloc(5);
  header.write(kind, 'latin1');
  header.writeUInt32BE(length >>> 0, 1);
  return Buffer.concat([header, Buffer.from(content)]);
}

function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeInt32BE(value, 4 * at);
  return bytes;
}

const ready = message('Z', 'I');
const welcome = Buffer.concat([message('R', numbers(0)), message('K', numbers(1, 2)), ready]);
const oneColumn = message('T', Buffer.concat([Buffer.from('\0\x01a\0', 'latin1'), Buffer.alloc(18)]));
const row = message('D', Buffer.concat([Buffer.from('\0\x01', 'latin1'), numbers(1), Buffer.from('x')]));
const iterations = (socket: Socket, heard: Buffer) => {
  const nonce = /r=([^\0,]+)/.exec(heard.toString('latin1'))?.[1] ?? '';
  socket.write(message('R', Buffer.concat([numbers(11), Buffer.from(`r=${nonce}xyz,s=c2FsdA==,i=2147483647`)])));
};

/** Those that repeat what they were sent, and call it an error. */
export const echoingPeers = {
  postgres: {
    name: 'asks for a password, and repeats it',
    first: says(message('R', numbers(3))),
    afterwards: (socket, heard) => {
      socket.write(message('E', `SFATAL\0C28P01\0Mno ${heard.toString('latin1', 5).replaceAll('\0', '')}\0\0`));
    },
  },
  redis: {
    name: 'repeats commands',
    first: (socket, heard) => socket.write(`-ERR no ${heard.toString('latin1').replace(/\s+/g, ' ')}\r\n`.repeat(6)),
    afterwards: (socket, heard) =>
      socket.write(`-ERR no ${heard.toString('latin1').replace(/\s+/g, ' ')}\r\n`.repeat(6)),
  },
  qdrant: {
    name: 'repeats headers',
    first: (socket, heard) => {
      const body = JSON.stringify({ status: { error: heard.toString('latin1').slice(-400).replace(/\s+/g, ' ') } });
      socket.end(http('400 Bad', 'content-type: application/json\r\n', body));
    },
  },
} satisfies Record<string, HostilePeer>;

/** Those that greet, and then answer every statement so. */
const afterLogin: [name: string, answer: Buffer, again?: true][] = [
  ['describes fewer than no columns', message('T', Buffer.from([0xff, 0xff]))],
  ['describes columns that end too early', message('T', '\0\x05a')],
  ['sends a row that ends too early', Buffer.concat([oneColumn, message('D', Buffer.from([0, 9, 0, 0, 0, 1]))])],
  ['sends a value of two gigabytes', Buffer.concat([oneColumn, message('D', '\0\x01\x7f\xff\xff\xf0', 0x7ffffff8)])],
  ['sends a row that nobody asked for', Buffer.concat([row, ready])],
  ['sends rows without end', row, true],
  ['sends notices without end', message('N', 'SNOTICE\0Mx\0\0'), true],
  ['is ready without end', ready, true],
  ['asks for a copy', Buffer.concat([message('G', Buffer.from([0, 0, 0])), ready])],
  ['sends an error that does not end', message('E', 'SERROR\0Mno', 4_000)],
  ['sends an error whose fields do not end', message('E', 'SERROR\0Mno')],
  ['sends what is no message', message('?', 'x')],
  ['answers that nothing was asked', message('I', '')],
];

export const postgresPeers: readonly HostilePeer[] = [
  ...everywhere,
  { name: 'asks for GSS', first: says(message('R', numbers(7))) },
  { name: 'asks for a login that there is not', first: says(message('R', numbers(99))) },
  { name: 'asks for a login without saying which', first: says(message('R', '')) },
  { name: 'sends a message without a length', first: says(message('R', '', 0)) },
  { name: 'asks for MD5 without salt', first: says(message('R', numbers(5))) },
  {
    name: 'offers mechanisms that do not end',
    first: says(message('R', Buffer.concat([numbers(10), Buffer.from('SCRAM')]))),
  },
  { name: 'offers no mechanism', first: says(message('R', Buffer.concat([numbers(10), Buffer.from('\0')]))) },
  {
    name: 'asks to hash for hours',
    first: says(message('R', Buffer.concat([numbers(10), Buffer.from('SCRAM-SHA-256\0\0')]))),
    afterwards: iterations,
  },
  {
    name: 'goes on with a login that has not begun',
    first: says(message('R', Buffer.concat([numbers(11), Buffer.from('r=x')]))),
  },
  {
    name: 'ends a login that has not begun',
    first: says(message('R', Buffer.concat([numbers(12), Buffer.from('v=x')]))),
  },
  { name: 'refuses with an error that does not end', first: says(message('E', 'SFATAL\0Mno')) },
  { name: 'refuses with two gigabytes', first: withoutEnd(noise, message('E', 'SFATAL\0M', 0x7fffffff)) },
  { name: 'sends a row before the login', first: says(row) },
  { name: 'sends parameters without end', first: withoutEnd(message('S', 'a\0b\0')) },
  { name: 'greets, and breaks off in the same breath', first: says(Buffer.concat([welcome, message('?', '')])) },
  { name: 'speaks HTTP', first: says(page) },
  { name: 'greets, and says nothing more', first: says(welcome) },
  ...afterLogin.map(
    ([name, answer, again]): HostilePeer => ({
      name: `greets, and ${name}`,
      first: says(welcome),
      afterwards: again === true ? withoutEnd(answer) : says(answer),
    }),
  ),
];

export const redisPeers: readonly HostilePeer[] = [
  ...everywhere,
  { name: 'speaks HTTP', first: says(page) },
  { name: 'announces a text of two gigabytes', first: withoutEnd(noise, '$2147483647\r\n') },
  { name: 'announces a list of two billion', first: withoutEnd(':1\r\n', '*2147483647\r\n') },
  { name: 'nests lists without end', first: withoutEnd('*1\r\n'.repeat(1_000)) },
  { name: 'has a line without end', first: withoutEnd('x'.repeat(1_000), '+') },
  { name: 'answers without being asked, without end', first: withoutEnd('+OK\r\n'.repeat(100)) },
  { name: 'pushes nothing', first: says('>1\r\n_\r\n') },
  { name: 'announces a length that is none', first: says('$x\r\n', '*-7\r\n') },
  { name: 'answers with numbers', first: says(':1\r\n'.repeat(20)), afterwards: says(':1\r\n'.repeat(20)) },
  { name: 'answers with nulls', first: says('$-1\r\n'.repeat(20)), afterwards: says('$-1\r\n'.repeat(20)) },
  { name: 'answers with empty lists', first: says('*0\r\n'.repeat(20)), afterwards: says('*0\r\n'.repeat(20)) },
  { name: 'refuses at length', first: says(`-ERR ${'x'.repeat(60_000)}\r\n`.repeat(20)) },
];

const slots = (answer: string): HostilePeer => ({
  name: `has slots ${JSON.stringify(answer.slice(0, 60))}`,
  first: says(answer.repeat(6)),
  afterwards: says(answer.repeat(6)),
});

/** Those that are asked for the nodes of their cluster. */
export const clusterPeers: readonly HostilePeer[] = [
  ...redisPeers,
  slots('*1\r\n$-1\r\n'),
  slots('*1\r\n*3\r\n:0\r\n:16383\r\n$-1\r\n'),
  slots('*1\r\n*3\r\n:0\r\n:9007199254740991\r\n*2\r\n$9\r\n127.0.0.1\r\n:1\r\n'),
  slots('*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n:7\r\n$1\r\nx\r\n'),
  slots('*1\r\n*3\r\n$1\r\nx\r\n$1\r\ny\r\n*2\r\n$9\r\n127.0.0.1\r\n:1\r\n'),
];

const http = (status: string, headers: string, body: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${headers}connection: close\r\n\r\n`), Buffer.from(body)]);
const json = (body: string): Script => {
  const answer = http(
    '200 OK',
    `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`,
    body,
  );
  return (socket) => socket.end(answer);
};

export const qdrantPeers: readonly HostilePeer[] = [
  ...everywhere,
  ...[
    '',
    'null',
    '[]',
    '{}',
    '7',
    '{"result":null}',
    '{"result":7}',
    '{"version":1}',
    '{"version":"1.18.0","result":[]}',
    '{',
    '<html>',
  ].map((body): HostilePeer => ({ name: `answers ${JSON.stringify(body)}`, first: json(body) })),
  { name: 'nests JSON without end', first: json('['.repeat(200_000)) },
  { name: 'nests JSON', first: json(`${'['.repeat(200_000)}${']'.repeat(200_000)}`) },
  {
    name: 'answers without end',
    first: withoutEnd(' '.repeat(4_096), http('200 OK', 'content-type: application/json\r\n', '')),
  },
  { name: 'announces two gigabytes', first: withoutEnd(noise, http('200 OK', 'content-length: 2147483647\r\n', '')) },
  { name: 'packs its answer', first: withoutEnd(noise, http('200 OK', 'content-encoding: gzip\r\n', '')) },
  { name: 'has headers without end', first: withoutEnd('x-more: x\r\n', 'HTTP/1.1 200 OK\r\n') },
  { name: 'fails at length', first: withoutEnd('x'.repeat(4_096), http('500 Broken', '', '')) },
  { name: 'has nothing, at length', first: withoutEnd('x'.repeat(4_096), http('404 Not Found', '', '')) },
  { name: 'goes on in informing', first: withoutEnd('HTTP/1.1 103 Early Hints\r\n\r\n') },
];

/** All that need nothing of a test, in an order that every thread has. */
export const standingPeers: readonly HostilePeer[] = [...postgresPeers, ...redisPeers, ...clusterPeers, ...qdrantPeers];
