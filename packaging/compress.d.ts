/** Puts beside each file of a folder, and of those in it, what it is compressed: `name.br` and `name.gz`. */
export function compressFiles(folder: string): Promise<void>;
