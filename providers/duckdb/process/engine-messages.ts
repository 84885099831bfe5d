import type { CrossingError } from './crossing-errors.ts';
import type { CrossingRelation, EngineCall, EngineStream } from './engine-calls.ts';
import type { PackedBatch } from './packed-batches.ts';

/** The next rows of those that stay with who asked: a batch, or nothing at their end. Why they failed stays there too. */
export type GivenRows = PackedBatch | undefined | 'FAILED';

/** To the engine's process. `call` counts what is asked, `reading` what the engine reads of rows that stay here. */
export type ToEngine =
  | { kind: 'CALL'; call: number; asked: EngineCall<CrossingRelation> }
  | { kind: 'STREAM'; call: number; asked: EngineStream<CrossingRelation> }
  /** Answered with BATCH or FAILED. */
  | { kind: 'NEXT'; call: number }
  /** The stream's reader has left it; answered with ANSWER once it has ended. */
  | { kind: 'LEAVE'; call: number }
  | { kind: 'ABORT'; call: number }
  | { kind: 'ROWS'; reading: number; given: GivenRows };

/** From the engine's process. */
export type FromEngine =
  | { kind: 'ANSWER'; call: number; value: unknown }
  | { kind: 'FAILED'; call: number; error: CrossingError }
  /** Without a batch, the stream has ended. */
  | { kind: 'BATCH'; call: number; batch: PackedBatch | undefined }
  | { kind: 'PROGRESS'; call: number; done: number; expected: number | undefined }
  /** Wants the next batch of rows that stay with who asked; answered with ROWS. */
  | { kind: 'WANT'; rows: number; reading: number }
  | { kind: 'ENOUGH'; reading: number }
  /** Bytes in memory, where nobody else can tell. */
  | { kind: 'MEMORY'; bytes: number };
