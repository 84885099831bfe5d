import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ColumnBatch, TypedColumn } from '../providers/contract/table.ts';
import { arrowStream } from '../src/retrieval/formats/arrow-format.ts';
import { csvRows, jsonLines } from '../src/retrieval/formats/text-formats.ts';

const entries = Array.from({ length: 1_000 }, (_, at): [string, number] => [`key ${at}`, at]);
const columns: TypedColumn[] = [{ name: 'map', type: { kind: 'MAP', key: 'STRING', element: 'FLOAT64' } }];

/** As they come from a store that has them at hand, which makes nobody wait by itself. */
async function* batches(count: number, size: number): AsyncGenerator<ColumnBatch> {
  for (let at = 0; at < count; at++) yield { size, columns: [Array.from({ length: size }, () => new Map(entries))] };
}

/** What is written, and how often others were looked after before each part of it. */
async function writtenBesideOthers(
  parts: AsyncIterable<string | Uint8Array>,
): Promise<{ text: string; turns: number[] }> {
  const written: Buffer[] = [];
  const turns: number[] = [];
  let others = 0;
  let isOver = false;
  const look = () => {
    others++;
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  for await (const part of parts) {
    written.push(Buffer.from(part));
    turns.push(others);
  }
  isOver = true;
  return { text: Buffer.concat(written).toString(), turns };
}

describe('rows that are heavy', () => {
  for (const [name, write] of Object.entries({ csvRows, jsonLines })) {
    test(`are written in turns: ${name}`, async () => {
      const { text, turns } = await writtenBesideOthers(write(columns, batches(3, 20)));
      const line = JSON.stringify(Object.fromEntries(entries));
      const lines =
        name === 'jsonLines'
          ? Array(60).fill(`{"map":${line}}`)
          : ['map', ...Array(60).fill(`"${line.replaceAll('"', '""')}"`)];
      assert.equal(text, `${lines.join('\n')}\n`);
      // Of each part a few rows, and others in between each time.
      assert.ok(turns.length >= 30, `${turns.length} parts`);
      const parts = turns.slice(-30);
      assert.ok((parts.at(-1) ?? 0) - (parts[0] ?? 0) >= 3, `${parts}`);
    });
  }

  test('are written in turns: arrowStream, batch by batch', async () => {
    const { turns } = await writtenBesideOthers(arrowStream(columns, batches(30, 10)));
    assert.ok((turns.at(-1) ?? 0) - (turns[0] ?? 0) >= 3, `${turns}`);
  });
});
