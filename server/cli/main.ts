import { Failure } from '../../providers/contract/failure.ts';
import { program } from './program.ts';

// What a shell asks for while one types; nobody else waits for it.
if (process.argv[2] === 'complete') (await import('@bomb.sh/tab/commander')).default(program);

// Whoever reads may have enough: what was asked for is done all the same, but for what only goes on telling.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (process.argv[2] === 'jobs') process.exit();
  });
}

try {
  await program.parseAsync();
} catch (error) {
  const message = messageOf(error);
  if (message === undefined) throw error;
  process.stderr.write(`${message}\n`);
  // Not 1, which says that a check has found something.
  process.exitCode = program.args[0] === 'schema' ? 2 : 1;
}

/** What a user is told; undefined for a defect. */
function messageOf(error: unknown): string | undefined {
  if (error instanceof Failure) return error.message;
  const ofFile = fileTrouble(error);
  if (ofFile !== undefined) return ofFile;
  const isUnanswered =
    (error instanceof TypeError && error.message === 'fetch failed') ||
    (error instanceof DOMException && error.name === 'TimeoutError');
  return isUnanswered ? 'No server answers.' : undefined;
}

/** What the system says of a file that was named. */
function fileTrouble(error: unknown): string | undefined {
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  if (path === undefined || !/^(open|read|stat|lstat|mkdir|copyfile|rename|scandir|access)$/.test(syscall ?? ''))
    return undefined;
  const why = { ENOENT: 'there is no such file', EACCES: 'it may not be read or written', EISDIR: 'it is a directory' };
  return `${path}: ${(why as Record<string, string>)[code ?? ''] ?? (error as Error).message}.`;
}
