import type { ReactNode } from 'react';

/** What may be wider or longer than its place: it scrolls by itself, and is reached by keyboard. */
export function Scrolls({
  label,
  className = '',
  children,
}: {
  label: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: only what has the focus scrolls by keyboard.
    <section tabIndex={0} aria-label={label} className={`overflow-auto scroll-sign ${className}`}>
      {children}
    </section>
  );
}
