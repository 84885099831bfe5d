import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Runs `online-writer.ts` until it has promised `least` versions, and kills it; the last version it promised. */
export async function writeAndKill(place: string, project: string, least: number): Promise<bigint> {
  const program = fileURLToPath(new URL('online-writer.ts', import.meta.url));
  const writer = spawn(process.execPath, [program, place, project], { stdio: ['ignore', 'pipe', 'inherit'] });
  let promised = 0n;
  for await (const line of createInterface({ input: writer.stdout })) {
    promised = BigInt(line);
    if (promised === BigInt(least)) writer.kill('SIGKILL');
  }
  if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit');
  return promised;
}
