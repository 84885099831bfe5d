import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleHelp,
  Clock3,
  LoaderCircle,
  type LucideIcon,
} from 'lucide-react';

type Look = { icon: LucideIcon; classes: string; turns?: boolean };

const good = 'bg-good-ground text-good';
const bad = 'bg-bad-ground text-bad';
const busy = 'bg-busy-ground text-busy';
const warn = 'bg-warn-ground text-warn';
const still = 'bg-raised text-soft';

const looks: Readonly<Record<string, Look>> = {
  READY: { icon: CircleCheck, classes: good },
  SUCCEEDED: { icon: CircleCheck, classes: good },
  HEALTHY: { icon: CircleCheck, classes: good },
  PRESENT: { icon: CircleCheck, classes: good },
  DONE: { icon: CircleCheck, classes: good },
  CREATE: { icon: CircleCheck, classes: good },
  FAILED: { icon: CircleAlert, classes: bad },
  ERROR: { icon: CircleAlert, classes: bad },
  DENIED: { icon: Ban, classes: bad },
  CONFLICT: { icon: CircleAlert, classes: bad },
  UNHEALTHY: { icon: CircleAlert, classes: bad },
  LEAKS: { icon: CircleAlert, classes: bad },
  RUNNING: { icon: LoaderCircle, classes: busy, turns: true },
  UPDATE: { icon: CircleDashed, classes: busy },
  REPLACE: { icon: CircleAlert, classes: warn },
  OUTSIDE_TTL: { icon: Clock3, classes: warn },
  SUSPICIOUS: { icon: CircleHelp, classes: warn },
  PENDING: { icon: Clock3, classes: warn },
};

/** A state in a word, with a sign and a colour of its own: never a colour alone. */
export function Status({ of, title }: { of: string; title?: string | null | undefined }) {
  const { icon: Icon, classes, turns } = looks[of] ?? { icon: CircleDashed, classes: still };
  return (
    <span
      title={title ?? undefined}
      className={`inline-flex items-center gap-1 whitespace-nowrap rounded-full px-2 py-0.5 font-medium text-xs ${classes}`}
    >
      <Icon size={12} aria-hidden className={turns ? 'animate-spin' : ''} />
      {words(of)}
    </span>
  );
}

/** As NOT_FOUND is said in a sentence. */
export function words(of: string): string {
  return of.toLowerCase().replaceAll('_', ' ');
}
