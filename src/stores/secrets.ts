import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../providers/contract/failure.ts';
import type { SecretReference } from '../registry/definitions/provider-config.ts';

/** Where this process has its secrets. */
export type SecretSources = {
  variables: Readonly<Record<string, string | undefined>>;
  directory: string;
};

/** A secret, read anew at each use, so that a new one needs no restart. The failure names the reference only. */
export async function readSecret({ env, file }: SecretReference, sources: SecretSources): Promise<string> {
  if (env !== undefined) {
    const value = sources.variables[env];
    if (value === undefined) throw missing(`the server has no environment variable ${env}`, 'start the server with it');
    if (value === '')
      throw missing(`the server's environment variable ${env} is empty`, 'start the server with a value');
    return value;
  }
  try {
    const text = await readFile(join(sources.directory, file ?? ''), 'utf8');
    return text.replace(/\r?\n$/, '');
  } catch (cause) {
    throw missing(`the server can't read ${file} in its secrets directory`, 'put the file there', cause);
  }
}

function missing(message: string, fix: string, cause?: unknown): Failure {
  return new Failure('NOT_READY', message, { issues: [{ path: 'config', message, fix }], cause });
}
