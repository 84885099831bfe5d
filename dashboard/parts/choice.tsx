import { useId } from 'react';
import { words } from './status.tsx';

type Props = {
  name: string;
  value: string | undefined;
  options: readonly string[];
  onChoice: (value: string) => void;
  otherwise?: string;
};

/** One of few, or any. */
export function Choice({ name, value = '', options, onChoice, otherwise = 'any' }: Props) {
  const id = useId();
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      <label htmlFor={id} className="whitespace-nowrap text-soft">
        {name}
      </label>
      <select id={id} className="field w-auto" value={value} onChange={({ target }) => onChoice(target.value)}>
        <option value="">{otherwise}</option>
        {options.map((option) => (
          <option key={option} value={option}>
            {/^[A-Z_]+$/.test(option) ? words(option) : option}
          </option>
        ))}
      </select>
    </span>
  );
}
