import type { StandInCollection } from './stand-in-collection.ts';
import { passing } from './stand-in-filter.ts';

/** What a collection tells of itself: its settings, and those that it got from the server's defaults. */
export function collectionInfo({ config, points, indexes }: StandInCollection): object {
  const { vectors, metadata } = config;
  const schema = [...indexes].map(([key, data_type]) => {
    const holds = passing({ must_not: [{ is_empty: { key } }] });
    return [key, { data_type, points: [...points.values()].filter(holds).length }];
  });
  return {
    status: 'green',
    optimizer_status: 'ok',
    indexed_vectors_count: 0,
    points_count: points.size,
    segments_count: 2,
    config: { params: { vectors, ...placement }, ...defaults, ...(metadata && { metadata }) },
    payload_schema: Object.fromEntries(schema),
    update_queue: { length: 0 },
  };
}

const placement = { shard_number: 1, replication_factor: 1, write_consistency_factor: 1, on_disk_payload: true };
const defaults = {
  hnsw_config: { m: 16, ef_construct: 100, full_scan_threshold: 10_000, max_indexing_threads: 0, on_disk: false },
  optimizer_config: {
    deleted_threshold: 0.2,
    vacuum_min_vector_number: 1_000,
    default_segment_number: 0,
    max_segment_size: null,
    memmap_threshold: null,
    indexing_threshold: 10_000,
    flush_interval_sec: 5,
    max_optimization_threads: null,
    prevent_unoptimized: null,
  },
  wal_config: { wal_capacity_mb: 32, wal_segments_ahead: 0, wal_retain_closed: 1 },
  quantization_config: null,
};
