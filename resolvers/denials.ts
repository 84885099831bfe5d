import { GraphQLError } from 'graphql';
import { Failure } from '../providers/contract/failure.ts';
import type { RequestContext } from './request-context.ts';

/** Writes to the audit log what of an answer was denied; gives the answer back. */
export function withDenialsRecorded<T extends object>(context: RequestContext, answer: T): T {
  const errors = 'errors' in answer && Array.isArray(answer.errors) ? answer.errors : [];
  for (const error of errors) {
    if (error instanceof GraphQLError && isDenial(error.originalError))
      recordDenial(context, error.nodes?.flatMap((node) => ('name' in node ? (node.name?.value ?? []) : []))[0]);
  }
  return answer;
}

/** `asked` is the field or the address that was asked for. */
export function recordDenial({ application, actor }: RequestContext, asked = 'unknown'): void {
  application.audit.record({ actor, action: asked, resource: null, outcome: 'DENIED', code: 'FORBIDDEN' });
}

export function isDenial(error: unknown): boolean {
  return error instanceof Failure && error.code === 'FORBIDDEN';
}
