import * as z from 'zod/mini';
import { authorization } from '../../playground/kept-key.ts';

const failure = z.object({ message: z.string() });

/**
 * Saves what is at an address of this server. It is asked for with the key that the page has, which a link could not send.
 * Answers with what went wrong, in words.
 */
export async function saveFile(address: string, name: string): Promise<string | undefined> {
  try {
    const answer = await fetch(address, { headers: authorization() });
    if (!answer.ok) return wordsOf(answer);
    offer(await answer.blob(), name);
    return undefined;
  } catch {
    return 'The server does not answer, or has ended the file before its end. Try again.';
  }
}

async function wordsOf(answer: Response): Promise<string> {
  const { data } = z.safeParse(failure, await answer.json().catch(() => undefined));
  return data?.message ?? `The server answered ${answer.status}.`;
}

function offer(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
