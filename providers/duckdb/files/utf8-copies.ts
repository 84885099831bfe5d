import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DataFile } from './data-files.ts';
import { textOf } from './file-text.ts';

/** Copies in UTF-8 of files in other encodings: one of each file, of its latest version, for as long as a process runs. */
export class Utf8Copies {
  readonly #directory: string;
  readonly #copies = new Map<string, { version: string; path: Promise<string> }>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Removes what earlier processes left. */
  async open(): Promise<void> {
    await this.close();
    await mkdir(this.#directory, { recursive: true });
  }

  async close(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  of(file: DataFile, encoding: string): Promise<string> {
    const key = `${encoding} ${file.path}`;
    const known = this.#copies.get(key);
    if (known?.version === file.version) return known.path;
    const path = this.#copy(file, encoding);
    this.#copies.set(key, { version: file.version, path });
    path.catch(() => this.#copies.delete(key));
    // A reader that has the old copy open keeps it.
    known?.path.then((old) => rm(old, { force: true })).catch(() => {});
    return path;
  }

  async #copy(file: DataFile, encoding: string): Promise<string> {
    const path = join(this.#directory, `${randomUUID()}.txt`);
    try {
      await pipeline(Readable.from(textOf(file, encoding)), createWriteStream(path));
      return path;
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }
}
