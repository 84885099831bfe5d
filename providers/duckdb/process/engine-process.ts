import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../contract/failure.ts';
import { type Asked, EngineChannel } from './engine-channel.ts';
import type { EngineEnd } from './engine-end.ts';
import { MemoryWatch } from './engine-memory.ts';
import type { FromEngine, ToEngine } from './engine-messages.ts';

/** Told of an end that nobody asked for, and of the calls that may be why; answers what each call is told. */
export type OnEnd = (end: EngineEnd, suspects: readonly Asked[]) => (asked: Asked) => Failure;

const closingMs = 5_000;
const stuckSeconds = 30;
/** The engine's calls, at most one a connection, and the files that are read beside them. */
const threads = '16';

/** One process of the engine, from its start to its end. */
export class EngineProcess {
  readonly channel: EngineChannel;
  readonly #child: ChildProcess;
  readonly #memory: MemoryWatch | undefined;
  readonly #gone: Promise<void>;
  #killedFor: { end: EngineEnd; suspects: readonly Asked[] } | undefined;
  #isClosing = false;
  #hasEnded = false;

  constructor(mostMegabytes: number, onEnd: OnEnd) {
    const host = new URL(`./engine-host${extname(import.meta.url)}`, import.meta.url);
    this.#child = fork(fileURLToPath(host), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: process.execArgv.filter((argument) => /^--(?:experimental-strip-types|no-warnings)$/.test(argument)),
      env: hostEnvironment(),
    });
    const send = (message: ToEngine) => {
      if (this.#child.connected) this.#child.send(message, () => undefined);
    };
    this.channel = new EngineChannel(send, (asked) => this.#kill({ kind: 'STUCK', seconds: stuckSeconds }, [asked]));
    this.#memory = this.#watched(mostMegabytes);
    this.#child.on('message', (message: FromEngine) => {
      if (message.kind === 'MEMORY') this.#memory?.told(message.bytes);
      else this.channel.receive(message);
    });
    this.#gone = this.#exited().then((end) => {
      this.#hasEnded = true;
      this.#memory?.stop();
      const { end: why, suspects } = this.#killedFor ?? { end, suspects: this.channel.running };
      this.channel.end(this.#isClosing ? closed : onEnd(why, suspects));
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded || !this.#child.connected;
  }

  /** Resolves when it has ended and everybody has been told. */
  async gone(): Promise<void> {
    await this.#gone;
  }

  /** Ends it in good order, or after five seconds in any. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const late = setTimeout(() => this.#child.kill('SIGKILL'), closingMs);
    try {
      if (!this.hasEnded) await this.channel.call({ method: 'close' }, undefined).catch(() => undefined);
      if (this.#child.connected) this.#child.disconnect();
      await this.#gone;
    } finally {
      clearTimeout(late);
    }
  }

  #watched(mostMegabytes: number): MemoryWatch | undefined {
    const { pid } = this.#child;
    if (pid === undefined) return undefined;
    return new MemoryWatch(pid, mostMegabytes, (megabytes) => {
      this.#kill({ kind: 'MEMORY', megabytes, bound: mostMegabytes }, this.channel.running);
    });
  }

  #kill(end: EngineEnd, suspects: readonly Asked[]): void {
    this.#killedFor ??= { end, suspects };
    this.#child.kill('SIGKILL');
  }

  /** After its last message has come. */
  async #exited(): Promise<EngineEnd> {
    const disconnected = new Promise<void>((resolve) => this.#child.once('disconnect', resolve));
    const end = await new Promise<EngineEnd>((resolve) => {
      this.#child.once('error', () => resolve({ kind: 'EXIT', code: -1 }));
      this.#child.once('exit', (code, signal) => {
        resolve(signal === null ? { kind: 'EXIT', code: code ?? 0 } : { kind: 'SIGNAL', signal });
      });
    });
    if (this.#child.connected) await disconnected;
    return end;
  }
}

/** It needs none of the secrets that this process may have been started with. */
function hostEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LD_LIBRARY_PATH', 'NODE_OPTIONS', 'NODE_COMPILE_CACHE', 'SystemRoot'];
  const own = kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]));
  return { ...Object.fromEntries(own), UV_THREADPOOL_SIZE: threads };
}

function closed(): Failure {
  return new Failure('UNAVAILABLE', 'the offline store is closed');
}
