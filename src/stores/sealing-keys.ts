import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../providers/contract/failure.ts';
import { sealingKeysFile } from '../registry/definitions/provider-config.ts';
import { readSealingKeys, Sealing } from './sealing.ts';

/** The operator's keys, from the configuration or the file of the secrets directory; without either nothing is sealed. */
export async function openSealing(
  project: string,
  { sealingKeys, directory }: { sealingKeys: readonly Buffer[] | undefined; directory: string },
): Promise<Sealing> {
  return new Sealing(project, sealingKeys ?? (await keysOfFile(join(directory, sealingKeysFile))));
}

async function keysOfFile(path: string): Promise<Buffer[]> {
  const written = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '';
    throw new Failure('INVALID_INPUT', `The file ${sealingKeysFile} of the secrets directory can't be read.`);
  });
  const keys = readSealingKeys(written);
  if (!('problem' in keys)) return keys;
  const message = `The file ${sealingKeysFile} of the secrets directory is not valid: ${keys.problem}.`;
  throw new Failure('INVALID_INPUT', message, { issues: [{ path: sealingKeysFile, message: keys.problem }] });
}
