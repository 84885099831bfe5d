import { Link } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import type { ResourceHeadFragment } from '../generated/operations.ts';
import { Section } from '../parts/page.tsx';
import { ResourceLink } from '../parts/resource-link.tsx';
import { Status } from '../parts/status.tsx';
import { countText } from '../parts/value.tsx';

/** Whose last job failed. What was there before still serves: it only grows old. */
export function Unwell({ resources, total }: { resources: readonly ResourceHeadFragment[]; total: number | null }) {
  if (resources.length === 0)
    return (
      <p className="panel flex items-center gap-2 p-3 text-good">
        <CircleCheck size={16} aria-hidden /> Nothing is unwell: the last job of everything succeeded.
      </p>
    );
  return (
    <Section
      title={`Unwell: ${countText(total ?? resources.length)}`}
      aside={
        <Link to="/resources" search={{ status: 'FAILED' }} className="link">
          All that failed
        </Link>
      }
    >
      <ul className="panel divide-y divide-line border-bad">
        {resources.slice(0, 10).map(({ id, kind, ref, status, statusMessage }) => (
          <li key={id} className="flex flex-wrap items-center gap-x-3 gap-y-1 p-3">
            <Status of={status} />
            <ResourceLink kind={kind} reference={ref} />
            <span className="min-w-0 basis-full break-words text-soft sm:basis-auto">{statusMessage}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
