import assert from 'node:assert/strict';
import type { Catalog } from '../../src/registry/catalog.ts';
import { type ReadRows, readRows } from '../../src/serving/row-reading.ts';
import type { StorePool } from '../../src/stores/store-pool.ts';

/** Reads each query by itself, where no request gathers them. */
export function rowReader(stores: StorePool, catalog: Catalog): ReadRows {
  return async (query) => {
    const [answer] = await readRows(stores, catalog, [query]);
    assert.ok(answer);
    return answer;
  };
}
