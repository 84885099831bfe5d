import { Button } from '../parts/button.tsx';
import { Code } from '../parts/code.tsx';

/** A secret, once: whoever leaves this page has seen it the last time. */
export function Secret({ secret, onDone }: { secret: string; onDone: () => void }) {
  return (
    <div role="alert" className="panel flex flex-col gap-2 border-accent p-3">
      <p>Take this key now: it is not kept anywhere, and not shown again.</p>
      <Code label="The new key" text={secret} />
      <Button className="self-start" onClick={onDone}>
        I have it
      </Button>
    </div>
  );
}
