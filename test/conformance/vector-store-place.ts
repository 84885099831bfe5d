import type { VectorStore } from '../../providers/contract/vector-store.ts';

/** A place where stores of the same data can be opened, again and again, and how to be rid of it. */
export type VectorStorePlace = { open(project: string): Promise<VectorStore>; dispose(): Promise<void> };

/** Runs a case in a project of its own, and closes its store. */
export type TestStore = (title: string, run: (store: VectorStore, project: string) => Promise<void>) => void;
