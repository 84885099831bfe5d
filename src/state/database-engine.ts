import type { Dialect } from 'kysely';
import type { Db as QueueExecutor } from 'pg-boss';

/** Where this module writes; pino's logger is one. */
export type StateLogger = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

/** Called with each payload that is notified on a channel. */
export type PayloadListener = (payload: string) => void;

/** One of the two engines that state lives in. */
export type DatabaseEngine = {
  dialect: Dialect;
  embedded: boolean;
  executor: QueueExecutor;
  listen(channel: string, onPayload: PayloadListener, onReconnect?: () => void): Promise<() => Promise<void>>;
  /** Called once, after Kysely has let go of the engine. */
  close(): Promise<void>;
};
