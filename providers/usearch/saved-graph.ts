import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Index } from 'usearch';
import { z } from 'zod';

const savedGraph = z.object({ file: z.string(), sha256: z.string(), sequence: z.number() });
export type SavedGraph = z.infer<typeof savedGraph>;

/** Saves a graph that stands at `sequence`; the file is whole and on disk when this resolves. Blocks while it writes. */
export async function saveGraph(graph: Index, directory: string, index: number, sequence: number): Promise<SavedGraph> {
  const file = `${prefix(index)}${randomUUID()}`;
  const part = join(directory, `${file}.part`);
  graph.save(part);
  const sha256 = await flushedDigest(part);
  await rename(part, join(directory, file));
  return { file, sha256, sequence };
}

/** Loads what `saveGraph` gave, as JSON, into an empty graph. Undefined when the file is lost or damaged. */
export async function loadGraph(graph: Index, directory: string, json: string): Promise<SavedGraph | undefined> {
  const saved = savedGraph.parse(JSON.parse(json));
  const path = join(directory, saved.file);
  try {
    // The library trusts what it loads: a damaged file could end the process.
    if ((await flushedDigest(path)) !== saved.sha256) return undefined;
    graph.load(path);
    return saved;
  } catch {
    return undefined;
  }
}

/** Removes the saved graphs of an index, but for the one to keep. */
export async function removeSavedGraphs(directory: string, index: number, kept?: SavedGraph): Promise<void> {
  await mkdir(directory, { recursive: true });
  const files = await readdir(directory);
  const old = files.filter((file) => file.startsWith(prefix(index)) && file !== kept?.file);
  await Promise.all(old.map((file) => rm(join(directory, file), { force: true })));
}

function prefix(index: number): string {
  return `graph-${index}-`;
}

/** The SHA-256 of a file's content, which is on disk when this resolves. */
async function flushedDigest(path: string): Promise<string> {
  const file = await open(path, 'r+');
  try {
    await file.datasync();
    const digest = createHash('sha256');
    for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: 1 << 20 })) digest.update(chunk);
    return digest.digest('hex');
  } finally {
    await file.close();
  }
}
