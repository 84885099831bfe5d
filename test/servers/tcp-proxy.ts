import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

/**
 * What lies between us and a server: nothing (`PASS`), nobody who listens (`REFUSE`), a line that breaks in the middle
 * of an answer (`RESET`) or is ended there (`END`), a server that takes everything and never answers (`SILENT`), and one
 * that answers late.
 */
export type Fault = 'PASS' | 'REFUSE' | 'RESET' | 'END' | 'SILENT' | 'SLOW';

export const faults: readonly Fault[] = ['REFUSE', 'RESET', 'END', 'SILENT', 'SLOW'];

const slowByMs = 5_000;

/** A port that leads to another one of this machine, and can be made to behave badly. */
export class TcpProxy {
  readonly port: number;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #fault: Fault = 'PASS';

  private constructor(target: number, port: number, server: Server) {
    this.#target = target;
    this.port = port;
    this.#listenWith(server);
  }

  static async start(target: number): Promise<TcpProxy> {
    const server = createServer();
    const port = await listening(server, 0);
    return new TcpProxy(target, port, server);
  }

  async set(fault: Fault): Promise<void> {
    this.#fault = fault;
    if (fault === 'REFUSE') return this.stop();
    if (this.#server !== undefined) return;
    const server = createServer();
    this.#listenWith(server);
    await listening(server, this.port);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server === undefined) return;
    server.close();
    await once(server, 'close');
  }

  #listenWith(server: Server): void {
    this.#server = server;
    server.on('connection', (near) => this.#connect(near));
  }

  #connect(near: Socket): void {
    const far = dial(this.#target, '127.0.0.1');
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (sent) => far.write(sent));
    far.on('data', (answer) => this.#answer(near, answer));
  }

  #answer(near: Socket, answer: Buffer): void {
    if (this.#fault === 'SILENT') return;
    if (this.#fault === 'SLOW') setTimeout(() => near.destroyed || near.write(answer), slowByMs);
    else if (this.#fault === 'RESET') near.write(answer.subarray(0, answer.length / 2), () => near.resetAndDestroy());
    else if (this.#fault === 'END') near.end(answer.subarray(0, answer.length / 2));
    else near.write(answer);
  }
}

async function listening(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('this system gave no port');
  return address.port;
}
