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
    <div className="panel relative min-w-0">
      <Scrolls label={label} className="max-h-[32rem] p-4 pr-24">
        <pre className="font-mono text-xs leading-5">{text}</pre>
      </Scrolls>
      <Button look="quiet" className="absolute top-2 right-2 bg-panel" onClick={copy}>
        {isCopied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
        {isCopied ? 'Copied' : 'Copy'}
      </Button>
    </div>
  );
}
