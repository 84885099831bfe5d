import type { DataFile } from './data-files.ts';
import type { FileTools } from './file-reading.ts';
import { textOf } from './file-text.ts';

/** The line on which a record stands, where each of a file's records has a line of its own; empty lines are none. */
export async function lineOfRecord(
  file: DataFile,
  row: number,
  records: number,
  { watch }: FileTools,
): Promise<number | undefined> {
  let [line, filled, isFilled] = [1, 0, false];
  let found: number | undefined;
  for await (const chunk of textOf(file, 'utf-8', watch.signal)) {
    for (const byte of chunk) {
      if (byte === 10) {
        line++;
        isFilled = false;
      } else if (byte > 32 && !isFilled) {
        isFilled = true;
        if (++filled === row) found = line;
      }
    }
  }
  return filled === records ? found : undefined;
}
