import { CircleAlert } from 'lucide-react';
import type { CombinedError } from 'urql';
import { failureOf, type Issue } from '../graph/failure-of.ts';
import { KeyForm } from '../shell/key-form.tsx';

/** What went wrong, and what to do: where the server asks who one is, the field for a key. */
export function Failure({ error }: { error: CombinedError }) {
  const { code, message, issues } = failureOf(error);
  return (
    <div role="alert" className="panel border-bad p-4">
      <p className="flex items-start gap-2">
        <CircleAlert size={16} aria-hidden className="mt-0.5 shrink-0 text-bad" />
        <span className="min-w-0 break-words">
          {message} <code className="text-soft text-xs">{code}</code>
        </span>
      </p>
      <Issues issues={issues} />
      {code === 'UNAUTHENTICATED' && (
        <div className="mt-3">
          <KeyForm />
        </div>
      )}
    </div>
  );
}

/** What is wrong, thing by thing: where, what, and the fix. */
export function Issues({ issues }: { issues: readonly Issue[] }) {
  if (issues.length === 0) return null;
  return (
    <ul className="mt-2 list-disc space-y-1 pl-8">
      {issues.map(({ path, message, fix }) => (
        <li key={`${path} ${message}`} className="break-words">
          <code className="text-xs">{path}</code> {message}
          {fix && <span className="text-soft"> {fix}</span>}
        </li>
      ))}
    </ul>
  );
}
