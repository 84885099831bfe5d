import type { Written } from './view-writer.ts';

/** Event times of the rows to write, `from < event_ts ≤ to`, in microseconds since 1970 UTC. */
export type TimeRange = { from?: bigint | undefined; to: bigint };

export type MaterializedRows = Written & { rows: number; watermark: bigint | null };
