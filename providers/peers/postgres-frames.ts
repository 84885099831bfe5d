/*
 * Messages of PostgreSQL's protocol, version 3, as a server sends them: a letter, the length in four bytes (its own
 * included), the content. The driver believes what they say of themselves: reading one that ends too early, it never comes
 * to an end. So each is checked before the driver sees it. The layouts are those of the manual's chapter "Message Formats".
 */

/** A server that does not speak the protocol. */
export class PeerError extends Error {}

/** An answer that is too long to be read. `column` counts from 0; it is missing where no one value is too long. */
export class LongAnswer extends Error {
  readonly column: number | undefined;
  /** The cursor that it came from, where several stand side by side. */
  part = 0;

  constructor(message: string, column?: number) {
    super(message);
    this.column = column;
  }
}

const megabyte = 1_048_576;
/** A value of more than this, as the server writes it, is not read. */
export const longestValue = 64 * megabyte;
/** So are rows that are longer together, of one statement. */
const longestAnswer = 256 * megabyte;
/** What is neither a row nor the description of one. Errors can quote a value. */
const longestMessage = 2 * megabyte;
/** No message of a login comes near it. */
const longestLogin = 65_536;

export const frameHeader = 5;

const [row, description] = ['D'.charCodeAt(0), 'T'.charCodeAt(0)];
const endsOfAnswer = new Set(['C', 'Z', 'I', 's'].map((letter) => letter.charCodeAt(0)));
const [login, ready] = ['R'.charCodeAt(0), 'Z'.charCodeAt(0)];

/** Follows the messages of one connection, and throws where the driver must not go on. */
export class PostgresFrames {
  #ready = false;
  #answer = 0;

  /** The whole length of the message that begins at `at`, of which at least the header is there. */
  length(bytes: Buffer, at: number, end: number): number {
    const code = bytes[at] ?? 0;
    const length = bytes.readUInt32BE(at + 1);
    if (length < 4) throw new PeerError('a message is shorter than its own length');
    if (!this.#ready && length > longestLogin) throw new PeerError('a message before the login is too long');
    if (code === row) this.#measure(bytes, at, end, length);
    else if (length > longestMessage) throw new LongAnswer('its answer (an error, perhaps) is too long to be read');
    return 1 + length;
  }

  /** Checks a message that is there whole, and that its parts are where it says. */
  check(bytes: Buffer, at: number, length: number): void {
    const code = bytes[at] ?? 0;
    if (code === row) {
      this.#checkRow(bytes, at, length);
      return;
    }
    const fits = layouts.get(code);
    if (fits === undefined) throw new PeerError('a message is of no kind that it knows');
    if (!fits(new Content(bytes, at + frameHeader, at + length)))
      throw new PeerError(
        code === login ? 'it asks for a login of a kind that is not supported' : 'a message is not what it says it is',
      );
    if (code === ready) this.#ready = true;
    if (code === description || endsOfAnswer.has(code)) this.#answer = 0;
  }

  /** Of rows there are many: theirs is the layout `D` would have, written out. */
  #checkRow(bytes: Buffer, start: number, length: number): void {
    const end = start + length;
    let at = start + frameHeader + 2;
    const columns = length < frameHeader + 2 ? -1 : bytes.readInt16BE(at - 2);
    for (let column = 0; column < columns && at <= end; column++) {
      const size = at + 4 <= end ? bytes.readInt32BE(at) : -2;
      at += size >= -1 ? 4 + Math.max(0, size) : end;
    }
    if (columns < 0 || at !== end) throw new PeerError('a row is not what it says it is');
    this.#answer += length;
  }

  #measure(bytes: Buffer, at: number, end: number, length: number): void {
    if (length > longestValue) {
      const column = longColumn(bytes, at + frameHeader, Math.min(end, at + 1 + length));
      if (column !== undefined) throw new LongAnswer('it holds a value that is too long to be read', column);
    }
    if (length + this.#answer > longestAnswer) throw new LongAnswer('its rows are too long to be read together');
  }
}

/** Of the part of a row that is there, the first column whose value is announced to be too long. */
function longColumn(bytes: Buffer, start: number, end: number): number | undefined {
  for (let at = start + 2, column = 0; at + 4 <= end; column++) {
    const length = bytes.readInt32BE(at);
    if (length > longestValue) return column;
    at += 4 + Math.max(0, length);
  }
  return undefined;
}

/** Reads a message's content; what reaches beyond its end is told at the end, by `isEnd`. */
class Content {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get isEnd(): boolean {
    return this.#at === this.#end;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  skip(length: number): boolean {
    this.#at += length;
    return length >= 0 && this.#at <= this.#end;
  }

  byte(): number {
    return this.#at < this.#end ? (this.#bytes[this.#at++] ?? -1) : -1;
  }

  int16(): number {
    return this.skip(2) ? this.#bytes.readInt16BE(this.#at - 2) : -1;
  }

  int32(): number {
    return this.skip(4) ? this.#bytes.readInt32BE(this.#at - 4) : -2;
  }

  /** The length of a text that ends with a zero byte; -1 where none ends it. */
  text(): number {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0 || end >= this.#end) return -1;
    const length = end - this.#at;
    this.#at = end + 1;
    return length;
  }
}

type Layout = (content: Content) => boolean;

const texts =
  (count: number, bytesBefore = 0): Layout =>
  (content) => {
    if (!content.skip(bytesBefore)) return false;
    for (let at = 0; at < count; at++) if (content.text() < 0) return false;
    return content.isEnd;
  };
const bytes =
  (count: number): Layout =>
  (content) =>
    content.left === count;
const atLeast =
  (count: number): Layout =>
  (content) =>
    content.left >= count;
const listOf =
  (item: Layout): Layout =>
  (content) => {
    const count = content.int16();
    for (let at = 0; at < count; at++) if (!item(content)) return false;
    return count >= 0 && content.isEnd;
  };

/** Kinds of fields with their texts; a zero byte is the end. */
const fields: Layout = (content) => {
  for (let kind = content.byte(); kind !== 0; kind = content.byte()) if (kind < 0 || content.text() < 0) return false;
  return content.isEnd;
};

/** Without a password, with one in the clear or as MD5, or SCRAM in its three steps. */
const loginStep: Layout = (content) => {
  const kind = content.int32();
  if (kind === 0 || kind === 3) return content.isEnd;
  if (kind === 5) return content.left === 4;
  if (kind === 11 || kind === 12) return content.left > 0;
  if (kind !== 10) return false;
  for (let length = content.text(); length !== 0; length = content.text()) if (length < 0) return false;
  return content.isEnd;
};

const layouts: ReadonlyMap<number, Layout> = new Map(
  Object.entries({
    R: loginStep,
    S: texts(2),
    K: atLeast(8),
    Z: bytes(1),
    C: texts(1),
    E: fields,
    N: fields,
    T: listOf((content) => content.text() >= 0 && content.skip(18)),
    t: listOf((content) => content.skip(4)),
    A: texts(2, 4),
    G: (content: Content) => content.skip(1) && listOf((one) => one.skip(2))(content),
    d: atLeast(0),
    ...Object.fromEntries(['1', '2', '3', 'n', 's', 'I', 'c'].map((letter) => [letter, bytes(0)])),
  }).map(([letter, layout]) => [letter.charCodeAt(0), layout]),
);
