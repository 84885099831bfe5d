import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../contract/failure.ts';

const fileName = 'rows.parquet';
const partialName = `${fileName}.partial`;
const maxNameLength = 200;

/** Stored runs: a directory each, with one Parquet file that is there whole or not at all. */
export class DuckdbRuns {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The file of a stored run; undefined when the run is not there. */
  file(run: string): string | undefined {
    const path = join(this.#runDirectory(run), fileName);
    return existsSync(path) ? path : undefined;
  }

  existingFile(run: string): string {
    const path = this.file(run);
    if (path === undefined) throw new Failure('NOT_FOUND', `there is no stored run ${run}`);
    return path;
  }

  /** Lets `write` fill a file under another name, and makes it the run's in one step. Answers its size in bytes. */
  async store(run: string, write: (path: string) => Promise<void>): Promise<number> {
    const directory = this.#runDirectory(run);
    const partial = join(directory, partialName);
    await mkdir(directory, { recursive: true });
    try {
      await write(partial);
      const { size } = await stat(partial);
      await rename(partial, join(directory, fileName));
      return size;
    } catch (error) {
      await rm(partial, { force: true });
      if (this.file(run) === undefined) await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** Removes the files of runs that a killed process had begun to store. */
  async forgetUnfinished(): Promise<void> {
    for (const entry of await readdir(this.#directory, { withFileTypes: true })) {
      // Other directories than a run's begin with a dot.
      if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
      const directory = join(this.#directory, entry.name);
      await rm(join(directory, partialName), { force: true });
      if (!existsSync(join(directory, fileName))) await rm(directory, { recursive: true, force: true });
    }
  }

  async drop(run: string): Promise<void> {
    await rm(this.#runDirectory(run), { recursive: true, force: true });
  }

  #runDirectory(run: string): string {
    const name = encodeURIComponent(run).replaceAll('.', '%2E');
    if (run === '' || name.length > maxNameLength) {
      throw new Failure('INVALID_INPUT', `a run's id must be 1 to ${maxNameLength} bytes long`);
    }
    return join(this.#directory, name);
  }
}
