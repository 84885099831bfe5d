import { join } from 'node:path';
import { Failure } from '../contract/failure.ts';
import type { FileColumn, FileFormat, FilesRelation } from '../contract/relation.ts';
import type { DuckdbSession, Watch } from './duckdb-connections.ts';
import { csvFiles } from './files/csv-files.ts';
import { type DataFile, findFiles } from './files/data-files.ts';
import { checkDeclaration } from './files/declared-columns.ts';
import {
  columnsNow,
  type FileReading,
  type FileTools,
  type FormatReader,
  misfitsOf,
  readingSql,
} from './files/file-reading.ts';
import { jsonFiles } from './files/json-files.ts';
import { misfitFailure } from './files/misfit.ts';
import { parquetFiles } from './files/parquet-files.ts';
import { Utf8Copies } from './files/utf8-copies.ts';

const formats: Readonly<Record<FileFormat, FormatReader>> = {
  CSV: csvFiles,
  JSON: jsonFiles,
  PARQUET: parquetFiles,
};

/** So many files are remembered as looked at; those that were looked at the longest ago are looked at again. */
const remembered = 10_000;

/** In bytes. Above this, text is too much to be read while somebody waits for its types to be told. */
const defaultGuessLimit = 1_000_000_000;

/** Files, ready to be read. */
export type ReadableFiles = { from: string; files: DataFile[]; columns: FileColumn[] };

/**
 * The files of sources. One that was not met before, or that has changed, is looked at whole: whether it is text of its
 * encoding, lines of so many fields, cells of their types to the last digit. After that the engine's own readers, told
 * everything, read it as fast as they can.
 */
export class DuckdbFiles {
  readonly #roots: readonly string[];
  readonly #guessLimit: number;
  readonly #copies: Utf8Copies;
  readonly #looked = new Map<string, Promise<FileReading>>();
  readonly #decided = new Map<string, FilesRelation>();

  constructor(roots: readonly string[], runsDirectory: string, guessLimit = defaultGuessLimit) {
    this.#roots = roots;
    this.#guessLimit = guessLimit;
    this.#copies = new Utf8Copies(join(runsDirectory, '.utf8'));
  }

  async open(): Promise<void> {
    await this.#copies.open();
  }

  async close(): Promise<void> {
    await this.#copies.close();
  }

  /** See `OfflineStore.decideFiles`. The same files are decided once, for who plans and then applies. */
  async decide(declared: FilesRelation, session: DuckdbSession, watch: Watch): Promise<FilesRelation> {
    checkDeclaration(declared);
    const files = await this.find(declared, session);
    const key = JSON.stringify([declared, files.map(({ path, version }) => [path, version])]);
    const known = this.#decided.get(key);
    if (known !== undefined) return known;
    const tools = this.#tools(session, watch);
    const decided = await formats[declared.format].decide(files, declared, tools);
    for (const file of files) {
      const [misfit] = misfitsOf(await this.#look(file, decided, tools));
      if (misfit !== undefined) throw misfitFailure(misfit);
    }
    if (files.every(({ isSettled }) => isSettled)) remember(this.#decided, key, decided);
    return decided;
  }

  /** Those that nobody decided, as of sources from before files were decided, are decided now. */
  async read(relation: FilesRelation, session: DuckdbSession, watch: Watch): Promise<ReadableFiles> {
    const decided = relation.columns === undefined ? await this.decide(relation, session, watch) : relation;
    const tools = this.#tools(session, watch);
    const files = await this.find(decided, session);
    const readings: FileReading[] = [];
    for (const file of files) readings.push(await this.#look(file, decided, tools));
    const columns = columnsNow(decided.columns ?? [], readings);
    return { from: readingSql(formats[decided.format].name, readings), files, columns };
  }

  /** The files of a source, without a look into them. */
  find({ paths }: Pick<FilesRelation, 'paths'>, session: DuckdbSession): Promise<DataFile[]> {
    return findFiles(paths, this.#roots, session);
  }

  #tools(session: DuckdbSession, watch: Watch): FileTools {
    const inUtf8 = (file: DataFile, encoding: string) => this.#copies.of(file, encoding);
    return { session, watch, guessLimit: this.#guessLimit, inUtf8, found: new Map() };
  }

  async #look(file: DataFile, decided: FilesRelation, tools: FileTools): Promise<FileReading> {
    const key = JSON.stringify([file.path, file.version, { ...decided, paths: [] }]);
    for (;;) {
      const known = this.#looked.get(key);
      const reading = known ?? formats[decided.format].inspect(file, decided, tools);
      if (file.isSettled) remember(this.#looked, key, reading);
      try {
        return await reading;
      } catch (error) {
        // What failed (a file that was being written, say) is tried again by whoever comes next.
        if (this.#looked.get(key) === reading) this.#looked.delete(key);
        const isOthers = known !== undefined && error instanceof Failure && error.code === 'CANCELLED';
        if (!isOthers || tools.watch.signal?.aborted) throw error;
      }
    }
  }
}

function remember<T>(known: Map<string, T>, key: string, value: T): void {
  known.delete(key);
  known.set(key, value);
  if (known.size > remembered) known.delete(known.keys().next().value ?? '');
}
