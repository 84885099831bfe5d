import { type ReactNode, useEffect, useRef } from 'react';

type Props = { title: ReactNode; name: string; about?: ReactNode; actions?: ReactNode; children: ReactNode };

/** What every view is: its name, what can be done there, and what it shows. Whoever goes there is read its name first. */
export function Page({ title, name, about, actions, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${name} · featuregraph`;
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, [name]);
  return (
    <div className="in-order mx-auto flex w-full max-w-7xl flex-col gap-5">
      <header className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h1 ref={heading} tabIndex={-1} className="break-words font-semibold text-xl">
            {title}
          </h1>
          {about && <div className="mt-1 max-w-prose text-soft">{about}</div>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export function Section({ title, aside, children }: { title: ReactNode; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className="flex min-w-0 flex-col gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="font-semibold">{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** What is known of a thing, a name and a value each. */
export function Facts({ of }: { of: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="panel grid grid-cols-[repeat(auto-fill,minmax(min(11.5rem,calc(50%-1rem)),1fr))] gap-x-4 gap-y-3 p-4">
      {of.map(([name, value]) => (
        <div key={name} className="min-w-0">
          <dt className="text-soft text-xs">{name}</dt>
          <dd className="break-words [&_.truncate]:whitespace-normal [&_time]:whitespace-normal">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
