import { useLayoutEffect, useRef, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Empty, Loading } from '../parts/empty.tsx';
import { Failure } from '../parts/failure.tsx';
import { utcText } from '../parts/moment.tsx';
import { Scrolls } from '../parts/scrolls.tsx';
import { countText } from '../parts/value.tsx';
import { type LogLine, useJobLog } from './use-job-log.ts';

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const colours: Readonly<Record<string, string>> = { ERROR: 'text-bad', WARN: 'text-warn' };

/** Of a longer log the end is shown, until one asks for what is before. */
const shownAtOnce = 1_000;

/** What a job has written, as it writes it. Whoever reads at its end stays there. */
export function JobLog({ id, revision }: { id: string; revision: number }) {
  const { lines, error } = useJobLog(id, revision);
  const [isWhole, setWhole] = useState(false);
  if (lines === undefined) return error ? <Failure error={error} /> : <Loading />;
  const hidden = isWhole ? 0 : Math.max(0, lines.length - shownAtOnce);
  return (
    <>
      {error && <Failure error={error} />}
      {lines.length === 0 && <Empty title="It has written nothing yet" />}
      {hidden > 0 && (
        <Button className="self-start" onClick={() => setWhole(true)}>
          Show the {countText(hidden)} lines before
        </Button>
      )}
      {lines.length > 0 && <Lines of={hidden > 0 ? lines.slice(hidden) : lines} />}
    </>
  );
}

function Lines({ of }: { of: readonly LogLine[] }) {
  const place = useRef<HTMLElement>(null);
  const isAtEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each line the end is elsewhere.
  useLayoutEffect(() => {
    if (isAtEnd.current) place.current?.scrollTo({ top: place.current.scrollHeight });
  }, [of]);
  const look = ({ scrollTop, clientHeight, scrollHeight }: HTMLElement) => {
    isAtEnd.current = scrollTop + clientHeight > scrollHeight - 10;
  };
  return (
    <Scrolls
      ref={place}
      label="Log"
      className="panel max-h-96 p-3 font-mono text-xs leading-5"
      onScroll={({ currentTarget }) => look(currentTarget)}
    >
      <div role="log">
        <ol>
          {of.map(({ seq, at, level, line }) => (
            <li key={seq} className="flex gap-3">
              <time dateTime={at} title={utcText(at)} className="shrink-0 text-soft">
                {clock.format(new Date(at))}
              </time>
              <span className={`w-12 shrink-0 ${colours[level] ?? 'text-soft'}`}>{level.toLowerCase()}</span>
              <span className="min-w-0 break-words">{line}</span>
            </li>
          ))}
        </ol>
      </div>
    </Scrolls>
  );
}
