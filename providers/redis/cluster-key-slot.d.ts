/** The package has no types of its own. */
declare module 'cluster-key-slot' {
  /** The hash slot of a key, from 0 to 16,383. */
  export default function calculateSlot(key: Uint8Array | string): number;
}
