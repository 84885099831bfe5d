import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

const megabyte = 1_000_000;
const lookEveryMs = 50;
/** Besides what DuckDB counts: the process itself, batches on their way, and what its functions allocate uncounted. */
const allowance = { megabytes: 512, share: 0.25 };
const defaultShare = 0.5;
/** Beyond this share of the machine, or of the container, it is not let grow, whatever it may. */
const mostShare = 0.85;

/** In megabytes: what DuckDB is told to stay below, and what the whole process may use. */
export type MemoryBounds = { engine: number; process: number };

/** `limit` is what the provider's config says. Without it, DuckDB uses half of the memory that there is. */
export function memoryBounds(limit: number | undefined, available = availableMegabytes()): MemoryBounds {
  const engine = limit ?? Math.max(64, Math.floor(available * defaultShare));
  const generous = engine * (1 + allowance.share) + allowance.megabytes;
  return { engine, process: Math.floor(Math.min(generous, Math.max(available * mostShare, allowance.megabytes))) };
}

/** Of the machine, or of the container where that has less. */
function availableMegabytes(): number {
  const constrained = process.constrainedMemory();
  return Math.floor((constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()) / megabyte);
}

/** Looks at the memory of a process several times a second, and says when it is more than it may use. */
export class MemoryWatch {
  readonly #timer: NodeJS.Timeout;
  readonly #most: number;
  readonly #onExcess: (megabytes: number) => void;

  constructor(pid: number, mostMegabytes: number, onExcess: (megabytes: number) => void) {
    this.#most = mostMegabytes;
    this.#onExcess = onExcess;
    this.#timer = setInterval(() => this.told(residentBytes(pid)), lookEveryMs).unref();
  }

  /** For systems that do not tell one process how much another uses, so that it must tell itself. */
  told(bytes: number | undefined): void {
    if (bytes !== undefined && bytes > this.#most * megabyte) this.#onExcess(Math.round(bytes / megabyte));
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

export function residentBytes(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
  } catch {
    // It has just ended.
    return undefined;
  }
}
