import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Failure } from '../../providers/contract/failure.ts';

/** The directory of a project that is begun: what is put there goes away again where it comes to nothing. */
export class BegunProject {
  readonly directory: string;
  readonly #made: string[] = [];

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Does some work in a directory, which is made where it is not there. */
  static async in<T>(directory: string, work: (project: BegunProject) => Promise<T>): Promise<T> {
    const project = new BegunProject(directory);
    const first = await mkdir(directory, { recursive: true });
    if (first !== undefined) project.#made.push(first);
    try {
      return await work(project);
    } catch (error) {
      for (const path of project.#made.toReversed()) await rm(path, { recursive: true, force: true });
      throw error;
    }
  }

  /** Puts a file there that is not there yet. */
  async write(name: string, text: string): Promise<void> {
    const path = join(this.directory, name);
    if (await this.#isNew(path, (flag) => writeFile(path, text, { flag }))) return;
    if ((await readFile(path, 'utf8')) !== text) throw another(path);
  }

  /** Copies a file to there, where none of its name has other rows. */
  async copy(file: string): Promise<string> {
    const path = join(this.directory, basename(file));
    const isNew = await this.#isNew(path, () => copyFile(file, path, constants.COPYFILE_EXCL));
    if (!isNew && !(await readFile(path)).equals(await readFile(file))) throw another(path);
    return basename(file);
  }

  /** The same, over what is there: whole, or not at all. */
  async overwrite(name: string, text: string): Promise<void> {
    const next = `${name}.${process.pid}.new`;
    await this.write(next, text);
    await rename(join(this.directory, next), join(this.directory, name));
  }

  /** Whether a file could be made; not where there is one. */
  async #isNew(path: string, make: (flag: 'wx') => Promise<void>): Promise<boolean> {
    if (existsSync(path)) return false;
    // Before it is made: a disk may be full when half of it is there.
    this.#made.push(path);
    try {
      await make('wx');
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      this.#made.pop();
      return false;
    }
  }
}

function another(path: string): Failure {
  return new Failure(
    'CONFLICT',
    `There is another ${path} already, which is left as it is: begin with that, by --from, or in another directory.`,
  );
}
