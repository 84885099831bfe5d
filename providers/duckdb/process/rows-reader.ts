import type { ColumnBatch } from '../../contract/table.ts';
import { CarriedError } from './crossing-errors.ts';
import type { FromEngine, GivenRows } from './engine-messages.ts';
import { unpackBatch } from './packed-batches.ts';

type Wanted = { rows: number; resolve(batch: ColumnBatch | undefined): void; reject(error: unknown): void };

/** In the engine's process: rows that stayed with who asked, taken from there batch by batch. */
export class RowsReader {
  readonly #send: (message: FromEngine) => void;
  readonly #wanted = new Map<number, Wanted>();
  #counted = 0;

  constructor(send: (message: FromEngine) => void) {
    this.#send = send;
  }

  async *read(rows: number): AsyncGenerator<ColumnBatch> {
    this.#counted++;
    const reading = this.#counted;
    try {
      for (;;) {
        const batch = await new Promise<ColumnBatch | undefined>((resolve, reject) => {
          this.#wanted.set(reading, { rows, resolve, reject });
          this.#send({ kind: 'WANT', rows, reading });
        });
        if (batch === undefined) return;
        yield batch;
      }
    } finally {
      this.#send({ kind: 'ENOUGH', reading });
    }
  }

  arrived(reading: number, given: GivenRows): void {
    const wanted = this.#wanted.get(reading);
    this.#wanted.delete(reading);
    if (given === 'FAILED') wanted?.reject(new CarriedError(wanted.rows));
    else wanted?.resolve(given && unpackBatch(given));
  }
}
