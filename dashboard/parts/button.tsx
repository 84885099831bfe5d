import type { ButtonHTMLAttributes } from 'react';

const looks = {
  plain: 'border border-line bg-panel text-ink hover:bg-raised',
  solid: 'border border-transparent bg-solid text-on-solid hover:brightness-110',
  danger: 'border border-bad bg-panel text-bad hover:bg-bad-ground',
  quiet: 'border border-transparent text-soft hover:bg-raised hover:text-ink',
} as const;

export type Look = keyof typeof looks;

export function buttonClass(look: Look = 'plain'): string {
  return `inline-flex min-h-8 shrink-0 items-center justify-center gap-1.5 whitespace-nowrap rounded-md px-3 py-1 font-medium disabled:opacity-50 ${looks[look]}`;
}

export function Button({
  look = 'plain',
  className = '',
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { look?: Look }) {
  return <button type="button" className={`${buttonClass(look)} ${className}`} {...rest} />;
}
