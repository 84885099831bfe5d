import { Failure } from '../../providers/contract/failure.ts';
import { issueText } from './told-errors.ts';

/** Fails with INVALID_INPUT for a key that no header can hold, which would pass for a server that doesn't answer. */
export function requireKey(key: string): void {
  if (/^[\x20-\x7e]*$/.test(key.trim())) return;
  const message = 'holds a line break, or another character that no key has';
  const fix = 'Give it in one line, as it was shown when it was made.';
  const told = issueText({ path: 'apiKey', message, fix });
  throw new Failure('INVALID_INPUT', `What was given is no API key.\n\n${told}`);
}
