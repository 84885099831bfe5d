import type { CsvFormat } from '../../contract/relation.ts';
import { type Misfit, misfitFailure } from './misfit.ts';

/** The longest record that the engine's reader takes, in bytes. */
const longestRecord = 2_000_000;
const [lineFeed, carriageReturn, space] = [10, 13, 32];

const states = { SKIPPED: 0, START: 1, SPACES: 2, PLAIN: 3, QUOTED: 4, ESCAPED: 5, CLOSED: 6 } as const;
type State = (typeof states)[keyof typeof states];

/**
 * Reads CSV as RFC 4180 has it and refuses all that readers are known to guess at: lines with more or fewer fields
 * than the first, text beside quotes, an open quote, several ways to end a line. Empty lines are no records where there
 * are several fields, and a null where there is one. Text comes in UTF-8, cut anywhere.
 */
export class CsvScan {
  /** Of the header, where there is one, with the line that it is in. */
  firstRecord: { text: string; line: number } | undefined;
  /** How many fields each record has. */
  fields: number | undefined;
  /** Without the header. */
  records = 0;

  readonly #file: string;
  readonly #format: CsvFormat;
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #escape: number;
  /** The number of a record whose line is wanted. */
  readonly #wanted: number | undefined;
  wantedLine: number | undefined;

  #state: State;
  #skip: number;
  #line = 1;
  #recordLine = 1;
  /** Whether a record has begun that no line has ended yet. */
  #isOpen = false;
  #passed = 0;
  #recordStart = 0;
  #count = 0;
  #isBlank = true;
  #afterReturn = false;
  #ending: string | undefined;
  #first: Buffer[] = [];
  #isFirstChunk = true;

  constructor(file: string, format: CsvFormat, wanted?: number) {
    this.#file = file;
    this.#format = format;
    this.#wanted = wanted;
    this.#delimiter = format.delimiter.charCodeAt(0);
    this.#quote = format.quote === '' ? -1 : format.quote.charCodeAt(0);
    this.#escape = format.quote === '' || format.escape === '' ? -1 : format.escape.charCodeAt(0);
    this.#skip = format.skipLines;
    this.#state = this.#skip > 0 ? states.SKIPPED : states.START;
  }

  push(bytes: Buffer): void {
    const chunk = this.#isFirstChunk ? withoutByteOrderMark(bytes) : bytes;
    this.#isFirstChunk = false;
    let kept = 0;
    for (let at = this.#meaningful(chunk, 0); at < chunk.length; at = this.#meaningful(chunk, at + 1)) {
      const byte = chunk[at] as number;
      if (byte === lineFeed || byte === carriageReturn || this.#afterReturn) {
        kept = this.#keepFirst(chunk, kept, at);
        const isBreak = this.#lineBreak(byte);
        if (!this.#isOpen) this.#recordStart = this.#passed + at;
        if (isBreak) continue;
      }
      this.#step(byte);
    }
    this.#keepFirst(chunk, kept, chunk.length);
    this.#passed += chunk.length;
    if (this.#passed - this.#recordStart > longestRecord) {
      const fix = 'Is a quote open? Long texts belong in Parquet.';
      throw this.#fault('a record of more than 2 MB', fix, this.#recordLine);
    }
  }

  end(): void {
    if (this.#afterReturn) this.#endLine('CR');
    if (this.#state === states.QUOTED || this.#state === states.ESCAPED) {
      throw this.#fault('a quoted text that is never closed', closeQuote, this.#recordLine);
    }
    if (this.#state !== states.SKIPPED && this.#isOpen) this.#endRecord();
    if (this.#format.header && this.firstRecord === undefined) {
      throw this.#fault('there is no header', 'Write the names of the columns in the first line.', this.#line);
    }
  }

  /** Where the next byte stands that may change the state. */
  #meaningful(chunk: Buffer, from: number): number {
    if (this.#state !== states.PLAIN && this.#state !== states.QUOTED) return from;
    const isPlain = this.#state === states.PLAIN;
    const [one, other] = isPlain ? [this.#delimiter, carriageReturn] : [this.#quote, this.#escape];
    let at = from;
    while (at < chunk.length) {
      const byte = chunk[at];
      if (byte === lineFeed || byte === one || byte === other) break;
      at++;
    }
    return at;
  }

  /** Keeps the bytes of the first record, whose text is wanted. */
  #keepFirst(chunk: Buffer, from: number, to: number): number {
    const isFirst = this.firstRecord === undefined && this.#state !== states.SKIPPED;
    if (isFirst) this.#first.push(chunk.subarray(from, to));
    return to;
  }

  /** Whether the byte belonged to the end of a line. */
  #lineBreak(byte: number): boolean {
    if (this.#state === states.QUOTED || this.#state === states.ESCAPED) {
      if (byte === lineFeed) this.#line++;
      return false;
    }
    if (this.#afterReturn) {
      this.#afterReturn = false;
      this.#endLine(byte === lineFeed ? 'CR LF' : 'CR');
      if (byte === lineFeed) return true;
    }
    if (byte === carriageReturn) this.#afterReturn = true;
    else if (byte === lineFeed) this.#endLine('LF');
    else return false;
    return true;
  }

  #endLine(ending: string): void {
    if (this.#state === states.SKIPPED) this.#state = --this.#skip > 0 ? states.SKIPPED : states.START;
    else this.#endRecord();
    this.#ending ??= ending;
    if (this.#ending !== ending) {
      const message = `the line ends with ${ending} where others end with ${this.#ending}`;
      throw this.#fault(message, 'End all lines alike, and quote texts that hold the end of a line.', this.#line);
    }
    this.#recordLine = ++this.#line;
    this.#isOpen = false;
  }

  #step(byte: number): void {
    this.#isOpen = true;
    switch (this.#state) {
      case states.START:
      case states.SPACES:
        if (byte === this.#delimiter) this.#endField();
        else if (byte === this.#quote) this.#open();
        else this.#state = byte === space ? states.SPACES : states.PLAIN;
        this.#isBlank = false;
        return;
      case states.PLAIN:
        if (byte === this.#delimiter) this.#endField();
        return;
      case states.QUOTED:
        if (byte === this.#escape && this.#escape !== this.#quote) this.#state = states.ESCAPED;
        else if (byte === this.#quote) this.#state = states.CLOSED;
        return;
      case states.ESCAPED:
        this.#state = states.QUOTED;
        return;
      case states.CLOSED:
        if (byte === this.#delimiter) this.#endField();
        else if (byte === this.#quote && this.#escape === this.#quote) this.#state = states.QUOTED;
        else throw this.#fault('text after a closing quote', closeQuote, this.#line);
    }
  }

  #open(): void {
    if (this.#state === states.SPACES) {
      throw this.#fault('a space before a quote', 'Write the quote right after the delimiter.', this.#line);
    }
    this.#state = states.QUOTED;
  }

  #endField(): void {
    this.#count++;
    this.#state = states.START;
  }

  #endRecord(): void {
    const [count, isBlank] = [this.#count + 1, this.#isBlank];
    this.#count = 0;
    this.#isBlank = true;
    this.#state = states.START;
    const isFirst = this.firstRecord === undefined;
    if (isBlank && isFirst) {
      throw this.#fault('an empty line where the first record should be', skipThem, this.#recordLine);
    }
    if (isBlank && this.fields !== 1) return;
    this.fields ??= count;
    if (isFirst) this.firstRecord = { text: textOfRecord(this.#first), line: this.#recordLine };
    if (count !== this.fields) {
      const message = `${count} field${count === 1 ? '' : 's'} where the first line has ${this.fields}`;
      const fix = 'Quote texts that hold the delimiter, or say what it is: files.csv.delimiter.';
      throw this.#fault(message, fix, this.#recordLine);
    }
    if (isFirst && this.#format.header) return;
    this.records++;
    if (this.records === this.#wanted) this.wantedLine = this.#recordLine;
  }

  #fault(message: string, fix: string, line: number): Error {
    const misfit: Misfit = { file: this.#file, line, message, fix };
    return misfitFailure(misfit);
  }
}

const skipThem = 'Take it out, or say how many lines come before the header: files.csv.skipLines.';
const closeQuote =
  'Double quotes within a quoted text, or say how they are written: files.csv.quote and files.csv.escape.';

function withoutByteOrderMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

function textOfRecord(pieces: readonly Buffer[]): string {
  return Buffer.concat(pieces)
    .toString()
    .replace(/^[\r\n]+|[\r\n]+$/g, '');
}

/** The texts of the fields of one record. */
export function splitRecord(record: string, format: CsvFormat): string[] {
  const { delimiter, quote } = format;
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < record.length; at++) {
    const character = record[at] as string;
    const next = record[at + 1];
    if (quoted && character === format.escape && (next === quote || next === format.escape)) {
      field += next;
      at++;
    } else if (quote !== '' && character === quote && (quoted || field === '')) quoted = !quoted;
    else if (character === delimiter && !quoted) {
      fields.push(field);
      field = '';
    } else field += character;
  }
  return [...fields, field];
}
