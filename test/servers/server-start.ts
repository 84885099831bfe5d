import type { ChildProcess } from 'node:child_process';
import { freePort } from './free-port.ts';

const attempts = 10;

/**
 * Starts a server on a port that was free a moment ago. Anyone may have taken the port meanwhile, even a connection
 * that goes out: then the server ends, `start` answers with nothing, and another port is tried.
 */
export async function firstThatStays<S>(start: (port: number) => Promise<S | undefined>, port = freePort): Promise<S> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const server = await start(await port());
    if (server !== undefined) return server;
  }
  throw new Error(`a server ended ${attempts} times before it answered`);
}

/** Asks a server until it answers, however slow the machine is; false when it has ended. */
export async function answersWhile(isUp: () => boolean, asks: () => Promise<boolean>): Promise<boolean> {
  while (isUp()) {
    if (await asks().catch(() => false)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

export function isRunning({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}
