import { Failure } from '../../providers/contract/failure.ts';

/** Shorter words would be found in what has nothing to do with them, and so would these in parts of other words. */
const [shortest, shortestInside] = [3, 8];

/** Keeps secrets out of what is told, whatever a driver or a server says. */
export class Redaction {
  /** From the longest on. */
  #words: { word: string; found: RegExp }[] = [];

  /** Of a secret that is an address, also what it is made of: user, password, place, and what follows the `?`. */
  readonly add = (secret: string): void => {
    const url = URL.canParse(secret) && secret.includes('://') ? new URL(secret) : undefined;
    const place = url === undefined ? [] : [url.username, url.hostname, url.pathname.slice(1)];
    const hidden = url === undefined ? [] : [url.password, ...url.searchParams.values()];
    // As they are written, and as they are meant: an option's words one by one, as its server repeats them.
    for (const part of [secret, ...hidden].flatMap((one) => [one, decoded(one)]))
      for (const word of [part, encodeURIComponent(part), ...part.split(/[\s=]+/)]) this.#keep(word, 'ANYWHERE');
    for (const part of place.flatMap((one) => [one, decoded(one)])) this.#keep(part, 'ALONE');
    this.#words.sort((left, right) => right.word.length - left.word.length);
  };

  text(told: string): string {
    return this.#words.reduce((text, { found }) => text.replace(found, '…'), told);
  }

  /** The error without secrets; the same where it has none. */
  error(error: unknown): unknown {
    if (!(error instanceof Error) || this.#isClean(error)) return error;
    if (!(error instanceof Failure)) return new Error(this.text(error.message));
    const { code, provider, retryable } = error;
    const issues = error.issues.map(({ path, message, fix }) => ({
      path,
      message: this.text(message),
      ...(fix !== undefined && { fix: this.text(fix) }),
    }));
    return new Failure(code, this.text(error.message), {
      issues,
      retryable,
      ...(provider !== undefined && { provider }),
    });
  }

  #keep(word: string, where: 'ANYWHERE' | 'ALONE'): void {
    if (word.length < shortest || harmless.has(word) || this.#words.some((known) => known.word === word)) return;
    const written = word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    const isAlone = where === 'ALONE' && word.length < shortestInside;
    this.#words.push({ word, found: new RegExp(isAlone ? `(?<!\\w)${written}(?!\\w)` : written, 'g') });
  }

  #isClean(error: unknown, depth = 0): boolean {
    if (!(error instanceof Error) || depth > 8) return true;
    const own = Object.values(error).filter((value) => !(value instanceof Error));
    const told = `${error.message}\n${error.stack}\n${safeJson(own)}`;
    return this.text(told) === told && this.#isClean(error.cause, depth + 1);
  }
}

/** Values of an address that every server knows. */
const harmless = new Set([
  'disable',
  'require',
  'verify-full',
  'verify-ca',
  'no-verify',
  'prefer',
  'localhost',
  'default',
  'true',
  'false',
  'postgres',
]);

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

function decoded(written: string): string {
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
}

/** A store whose calls, and what they answer bit by bit, fail without secrets. */
export function redactedStore<S extends object>(store: S, redaction: Redaction): S {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => redactedCall(() => Reflect.apply(value, target, given), redaction);
    },
  });
}

function redactedCall(call: () => unknown, redaction: Redaction): unknown {
  try {
    const answer = call();
    if (answer instanceof Promise) return answer.catch((error: unknown) => Promise.reject(redaction.error(error)));
    return isAsyncIterable(answer) ? redactedRows(answer, redaction) : answer;
  } catch (error) {
    throw redaction.error(error);
  }
}

async function* redactedRows(rows: AsyncIterable<unknown>, redaction: Redaction): AsyncGenerator<unknown> {
  try {
    yield* rows;
  } catch (error) {
    throw redaction.error(error);
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
