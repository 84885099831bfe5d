import { packRow, packRows, rowLayout, unpackValue } from '../providers/contract/online-row.ts';
import { type ScalarName, scalar, type Value } from '../providers/contract/value-type.ts';

/** Packs and unpacks per second of the online row, with columns of the types that features mostly have. */
const mixedTypes: ScalarName[] = ['INT64', 'FLOAT64', 'FLOAT64', 'INT32', 'STRING'];
const rowCount = 20_000;

function sampleValue(type: ScalarName, seed: number): Value {
  if (type === 'INT64') return BigInt(seed) * 1_000_003n;
  if (type === 'STRING') return `carrier ${seed % 97}`;
  return type === 'INT32' ? seed : seed / 7;
}

function perSecond(run: () => void): number {
  run();
  const start = performance.now();
  let times = 0;
  while (performance.now() - start < 1000) {
    run();
    times++;
  }
  return Math.round((times * rowCount * 1000) / (performance.now() - start));
}

function measure(types: readonly ScalarName[]): Record<string, number> {
  const layout = rowLayout(types.map(scalar));
  const eventTimestamps = Array.from({ length: rowCount }, (_, row) => BigInt(row));
  const columns = types.map((type, column) => eventTimestamps.map((_, row) => sampleValue(type, row + column)));
  const batch = { size: rowCount, eventTimestamps, createdTimestamps: eventTimestamps.map(() => null), columns };
  const rows = eventTimestamps.map((eventTimestamp, row) => ({
    eventTimestamp,
    createdTimestamp: null,
    values: columns.map((column) => column[row] ?? null),
  }));
  const packed = packRows(layout, batch);
  return {
    'packRow rows/s': perSecond(() => {
      for (const row of rows) packRow(layout, row);
    }),
    'packRows rows/s': perSecond(() => {
      packRows(layout, batch);
    }),
    'unpack every column, rows/s': perSecond(() => {
      for (const row of packed) for (let column = 0; column < types.length; column++) unpackValue(layout, row, column);
    }),
    'unpack one column, rows/s': perSecond(() => {
      for (const row of packed) unpackValue(layout, row, types.length - 1);
    }),
    'bytes a row': Math.round(packed.reduce((sum, row) => sum + row.length, 0) / rowCount),
  };
}

function repeated(types: readonly ScalarName[], count: number): ScalarName[] {
  return Array.from({ length: count }, (_, column) => types[column % types.length] ?? 'FLOAT64');
}

console.table({
  '10 columns, mixed': measure(repeated(mixedTypes, 10)),
  '50 columns, mixed': measure(repeated(mixedTypes, 50)),
  '50 columns, FLOAT64': measure(repeated(['FLOAT64'], 50)),
});
