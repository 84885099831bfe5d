import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { Button } from './button.tsx';
import { Scrolls } from './scrolls.tsx';

/** Text to be read and taken along. */
export function Code({ text, label }: { text: string; label: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <div className="panel min-w-0 overflow-hidden">
      <div className="flex justify-end border-line border-b px-1 py-0.5">
        <Button look="quiet" onClick={copy}>
          {isCopied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
          <span aria-live="polite">{isCopied ? 'Copied' : 'Copy'}</span>
        </Button>
      </div>
      <Scrolls label={label} className="max-h-[32rem] p-4">
        <pre className="font-mono text-xs leading-5">{text}</pre>
      </Scrolls>
    </div>
  );
}
