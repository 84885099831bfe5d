import type { ReactNode, Ref, UIEventHandler } from 'react';

/** What may be wider or longer than its place: it scrolls by itself, and is reached by keyboard. */
export function Scrolls({
  label,
  className = '',
  children,
  ref,
  onScroll,
}: {
  label: string;
  className?: string;
  children: ReactNode;
  ref?: Ref<HTMLElement>;
  onScroll?: UIEventHandler<HTMLElement>;
}) {
  return (
    <section
      ref={ref}
      onScroll={onScroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: only what has the focus scrolls by keyboard.
      tabIndex={0}
      aria-label={label}
      className={`overflow-auto scroll-sign ${className}`}
    >
      {children}
    </section>
  );
}
