import { useEffect } from 'react';
import { useQuery } from 'urql';
import { JobLog as JobLogDocument } from '../generated/operations.ts';
import { Answered } from '../parts/answered.tsx';
import { Empty } from '../parts/empty.tsx';
import { Scrolls } from '../parts/scrolls.tsx';

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const colours: Readonly<Record<string, string>> = { ERROR: 'text-bad', WARN: 'text-warn' };

/** What a job has written, line by line; asked for again whenever the job has news. */
export function JobLog({ id, revision }: { id: string; revision: number }) {
  const [answer, ask] = useQuery({ query: JobLogDocument, variables: { id } });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each revision may have lines of its own.
  useEffect(() => ask({ requestPolicy: 'network-only' }), [revision]);
  return (
    <Answered of={answer}>
      {({ job }) =>
        job && job.log.length > 0 ? (
          <Scrolls label="Log" className="panel max-h-96 p-3 font-mono text-xs leading-5">
            <ol role="log">
              {job.log.map(({ seq, at, level, line }) => (
                <li key={seq} className="flex gap-3">
                  <time dateTime={at} title={`${at} UTC`} className="shrink-0 text-soft">
                    {clock.format(new Date(at))}
                  </time>
                  <span className={`w-12 shrink-0 ${colours[level] ?? 'text-soft'}`}>{level.toLowerCase()}</span>
                  <span className="break-words">{line}</span>
                </li>
              ))}
            </ol>
          </Scrolls>
        ) : (
          <Empty title="It has written nothing yet" />
        )
      }
    </Answered>
  );
}
