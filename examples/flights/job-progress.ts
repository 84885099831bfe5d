import type { JobStateFragment } from '@featuregraph/client';
import { MultiBar, type SingleBar } from 'cli-progress';

/** Shows jobs while they run. `show` is called for each change; between changes the clocks go on. */
export type JobProgress = { show(job: JobStateFragment): void; stop(): void };

export function jobProgress(output: NodeJS.WriteStream): JobProgress {
  return output.isTTY ? progressBars(output) : progressLines(output);
}

const width = 24;

function progressBars(output: NodeJS.WriteStream): JobProgress {
  const bars = new MultiBar({
    stream: output,
    hideCursor: true,
    forceRedraw: true,
    fps: 10,
    autopadding: true,
    format: '  {name} [{bar}] {text}',
    barsize: width,
  });
  const shown = new Map<string, { bar: SingleBar; job: JobStateFragment }>();
  const tick = setInterval(() => {
    for (const { bar, job } of shown.values()) if (job.state === 'RUNNING') bar.update(fraction(job), payload(job));
  }, 200);
  return {
    show(job) {
      if (job.state === 'PENDING') return;
      const bar = shown.get(job.id)?.bar ?? bars.create(1_000, 0, payload(job));
      shown.set(job.id, { bar, job });
      bar.update(fraction(job), payload(job));
    },
    stop() {
      clearInterval(tick);
      bars.stop();
    },
  };
}

/** Where there is no terminal to draw on: a line a second for each running job, and one when it ends. */
function progressLines(output: NodeJS.WriteStream): JobProgress {
  const running = new Map<string, JobStateFragment>();
  const print = (job: JobStateFragment) => output.write(`  ${name(job)} ${text(job)}\n`);
  const tick = setInterval(() => {
    for (const job of running.values()) print(job);
  }, 1_000);
  return {
    show(job) {
      if (job.state === 'RUNNING') running.set(job.id, job);
      else if (running.delete(job.id) || job.state !== 'PENDING') print(job);
    },
    stop() {
      clearInterval(tick);
    },
  };
}

function payload(job: JobStateFragment): { name: string; text: string } {
  return { name: name(job), text: text(job) };
}

function name({ kind, ref }: JobStateFragment): string {
  return `${kind.toLowerCase().replaceAll('_', ' ')} ${ref?.replace('@v1', '') ?? ''}`.padEnd(38);
}

function fraction({ state, rowsDone, rowsExpected }: JobStateFragment): number {
  if (state === 'SUCCEEDED') return 1_000;
  return rowsExpected ? Math.min(999, Math.round((rowsDone / rowsExpected) * 1_000)) : 0;
}

function text(job: JobStateFragment): string {
  const { state, rowsDone, rowsExpected, startedAt, finishedAt, error, reason } = job;
  if (state === 'FAILED' || state === 'CANCELLED') return `${state.toLowerCase()}: ${error?.message ?? reason ?? ''}`;
  const from = startedAt ? Date.parse(startedAt) : Date.now();
  const seconds = Math.max(0.001, ((finishedAt ? Date.parse(finishedAt) : Date.now()) - from) / 1_000);
  const rows = rowsExpected ? `${count(rowsDone)} of ${count(rowsExpected)} rows` : `${count(rowsDone)} rows`;
  const rate = rowsDone > 0 ? `, ${count(Math.round(rowsDone / seconds))} rows/s` : '';
  return `${seconds.toFixed(1).padStart(5)} s  ${rows}${rate}${state === 'SUCCEEDED' ? '  ✓' : ''}`;
}

function count(rows: number): string {
  return rows.toLocaleString('en-US');
}
