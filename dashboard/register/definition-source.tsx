import { useState } from 'react';
import type { Definition } from '../resource/definition-text.ts';
import { isObject } from '../resource/definition-text.ts';

/** The same definition as text: what is no JSON yet stays here, and changes nothing. */
export function DefinitionSource({ value, onChange }: { value: Definition; onChange: (to: Definition) => void }) {
  const [text, setText] = useState(() => JSON.stringify(value, undefined, 2));
  const [problem, setProblem] = useState('');
  const write = (to: string) => {
    setText(to);
    try {
      const read = JSON.parse(to);
      if (!isObject(read) || Object.keys(read).length !== 1)
        throw new TypeError('It must have one property: what it is.');
      setProblem('');
      onChange(read);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor="definition-source">Definition as JSON</label>
      <textarea
        id="definition-source"
        className="field min-h-80 font-mono text-xs"
        spellCheck={false}
        value={text}
        aria-invalid={problem !== ''}
        aria-describedby="definition-problem"
        onChange={({ target }) => write(target.value)}
      />
      <p id="definition-problem" role="status" className="min-h-5 text-bad text-xs">
        {problem}
      </p>
    </div>
  );
}
