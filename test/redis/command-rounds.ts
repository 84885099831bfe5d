import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

/** A command as it was sent: its name, then its arguments. */
export type SentCommand = readonly Buffer[];

/** For how long a client must send nothing, for what it has sent to be a round. */
const quietMs = 25;

/**
 * A port that leads to a Redis server, and keeps what clients send in rounds: what one of them sends before any answer
 * to any of it could come. A pipeline is one, however large; a command that waits for the answer to another is in the
 * next.
 */
export class CommandRounds {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #rounds: SentCommand[][] = [];

  private constructor(server: Server, port: number, target: number) {
    this.port = port;
    this.#server = server;
    server.on('connection', (near) => this.#connect(near, target));
  }

  static async start(target: number): Promise<CommandRounds> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('this system gave no port');
    return new CommandRounds(server, address.port, target);
  }

  /** The rounds since it was asked last in which there is a command of a name, without its other commands. */
  take(name: string): SentCommand[][] {
    const rounds = this.#rounds.map((round) => round.filter(([first]) => first?.toString().toUpperCase() === name));
    this.#rounds = [];
    return rounds.filter((round) => round.length > 0);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #connect(near: Socket, target: number): void {
    const far = dial(target, '127.0.0.1');
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    const sent: Buffer[] = [];
    let timer: NodeJS.Timeout | undefined;
    near.on('data', (bytes) => {
      sent.push(bytes);
      clearTimeout(timer);
      timer = setTimeout(() => {
        const round = Buffer.concat(sent.splice(0));
        this.#rounds.push(commandsOf(round));
        far.write(round);
      }, quietMs);
    });
    far.on('data', (answer) => near.write(answer));
  }
}

/** Reads what a client sends: each command an array of bulk strings (https://redis.io/docs/latest/develop/reference/protocol-spec/). */
function commandsOf(bytes: Buffer): SentCommand[] {
  let at = 0;
  const length = (mark: string): number => {
    const end = bytes.indexOf('\r\n', at);
    const line = bytes.toString('latin1', at, end);
    if (end < 0 || !line.startsWith(mark)) throw new Error(`a client of Redis sent "${line}"`);
    at = end + 2;
    return Number(line.slice(1));
  };
  const commands: SentCommand[] = [];
  while (at < bytes.length) {
    const words = Array.from({ length: length('*') }, () => {
      const size = length('$');
      const word = bytes.subarray(at, at + size);
      at += size + 2;
      return word;
    });
    commands.push(words);
  }
  return commands;
}
