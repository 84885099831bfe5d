import { Link } from '@tanstack/react-router';
import type { ResourceKind } from '../generated/operations.ts';
import { kindOf } from '../graph/kinds.ts';
import { Breakable } from './breakable.tsx';

/** To the page of a resource, with the sign of its kind. */
export function ResourceLink({ kind, reference, text }: { kind: ResourceKind; reference: string; text?: string }) {
  const { icon: Icon, path, one } = kindOf(kind);
  return (
    <Link
      to="/resources/$kind/$reference"
      params={{ kind: path, reference }}
      title={reference}
      className="inline-flex min-w-0 max-w-full items-center gap-1.5 hover:underline"
    >
      <Icon size={14} aria-hidden className="shrink-0 text-soft" />
      <span className="sr-only">{one}</span>
      <span className="min-w-0 break-words text-accent sm:truncate">
        <Breakable text={text ?? reference} />
      </span>
    </Link>
  );
}
