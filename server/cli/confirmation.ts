import { Failure } from '../../providers/contract/failure.ts';

/** Whether the user says yes; fails where there is nobody to ask. */
export async function confirmed(question: string, { yes }: { yes?: boolean }): Promise<boolean> {
  if (yes === true) return true;
  if (!process.stdin.isTTY)
    throw new Failure('INVALID_INPUT', 'There is nobody to ask: give --yes to go on without a question.');
  const { confirm } = await import('@clack/prompts');
  // Whoever leaves the question answers with a symbol.
  return (await confirm({ message: question, output: process.stderr, initialValue: false })) === true;
}
