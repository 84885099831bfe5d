import type { OfflineCapabilities } from '../contract/offline-store.ts';

export const duckdbCapabilities: OfflineCapabilities = {
  embedded: true,
  files: ['PARQUET', 'CSV', 'JSON'],
  columnOrigins: true,
  arrays: true,
  nulInText: true,
};
