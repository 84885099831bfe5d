import type { DataFile } from './data-files.ts';
import type { FileTools } from './file-reading.ts';
import type { Misfit } from './misfit.ts';

export async function finerThanMicroseconds(_file: DataFile, _tools: FileTools): Promise<Map<string, Misfit>> {
  return new Map();
}
