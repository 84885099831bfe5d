import { createHash } from 'node:crypto';

export type OperationType = 'QUERY' | 'MUTATION' | 'SUBSCRIPTION';

/** A document that anybody may have run by naming it, without sending its text. It holds one operation. */
export type TrustedDocument = {
  /** The SHA-256 of its text, in lower-case hexadecimal digits. */
  id: string;
  /** What its operation is called; null where it has no name. */
  name: string | null;
  operation: OperationType;
  text: string;
  publishedBy: string;
  publishedAt: Date;
};

/** A document as it is given to be published. */
export type GivenDocument = { id: string; text: string };

export function documentIdOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Requests may say which hash an id is, as GraphQL over HTTP has it. */
export function plainId(asked: string): string {
  return asked.replace(/^sha256:/i, '').toLowerCase();
}
