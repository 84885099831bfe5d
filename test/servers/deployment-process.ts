import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export type DeploymentProcess = {
  child: ChildProcess;
  url: string;
  /** Of a worker. */
  healthUrl: string;
  kill(signal: NodeJS.Signals): Promise<unknown>;
};

/** `featuregraph start` in a process of its own; resolves when it says that it has started. */
export async function startDeploymentProcess(
  role: '--server-only' | '--worker-only' | 'both',
  variables: Readonly<Record<string, string>>,
): Promise<DeploymentProcess> {
  const child = spawn(process.execPath, ['bin/featuregraph.js', 'start', ...(role === 'both' ? [] : [role])], {
    env: {
      ...process.env,
      FEATUREGRAPH_PORT: '0',
      FEATUREGRAPH_AUTHENTICATION: 'none',
      FEATUREGRAPH_HEALTH_PORT: '0',
      FEATUREGRAPH_LOG_LEVEL: 'info',
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let text = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk;
      if (text.includes('"msg":"started"')) resolve();
    });
    exited.then(() => reject(new Error(`the process ended: ${text}`)));
  });
  const url = /"url":"([^"]+)"/.exec(text)?.[1] ?? '';
  const healthUrl = /"healthUrl":"([^"]+)"/.exec(text)?.[1] ?? '';
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exited;
  };
  return { child, url, healthUrl, kill };
}
