export { connect, type Featuregraph, type Lineage, type NearestOptions } from './client.ts';
export { FeaturegraphError, type Issue } from './errors.ts';
export type * from './generated/operations.ts';
export type { ConnectionOptions } from './transport.ts';
