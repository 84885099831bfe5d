type Props = {
  name: string;
  type: string;
  value: string | undefined;
  onChange: (text: string) => void;
  isOptional?: boolean;
  description?: string;
};

/** Where a value of a type is typed. */
export function TypedField({ name, type, value = '', onChange, isOptional = false, description }: Props) {
  return (
    <label className="flex min-w-40 flex-col gap-1" title={description}>
      <span>
        {name} <code className="text-soft text-xs">{type}</code>
        {isOptional && <span className="text-soft"> may be left out</span>}
      </span>
      <input
        className="field font-mono"
        autoComplete="off"
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
    </label>
  );
}
