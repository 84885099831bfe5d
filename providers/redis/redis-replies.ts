/** A server that does not speak the protocol, or says more than anyone could want to hear. */
export class RedisPeerError extends Error {}

const megabyte = 1_048_576;
const longestText = 64 * megabyte;
const longestAnswer = 256 * megabyte;
const longestLine = 65_536;
const mostElements = 4 * megabyte;
const deepest = 8;

const [carriageReturn, lineFeed] = [13, 10];

/**
 * Follows the replies of one connection, in version 2 of the protocol, and throws before the driver would keep, or go
 * into, more than an honest server ever answers: texts and lists that are announced without end, lists within lists.
 */
export class RedisReplies {
  /** How many elements each open list still lacks, from the outermost on. */
  readonly #open: number[] = [];
  /** Bytes of a text, and of the line end after it, that are still to come. */
  #text = 0;
  #line = '';
  #lineLength = 0;
  #answer = 0;

  follow(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#text > 0) {
        const taken = Math.min(this.#text, bytes.length - at);
        this.#text -= taken;
        at += taken;
        if (this.#text === 0) this.#elementEnds();
      } else at = this.#followLine(bytes, at);
    }
    // What is open goes on; what has ended counts no more.
    this.#answer =
      this.#open.length === 0 && this.#text === 0 && this.#lineLength === 0 ? 0 : this.#answer + bytes.length;
    if (this.#answer > longestAnswer) throw new RedisPeerError('its answer is too long to be read');
  }

  #followLine(bytes: Buffer, start: number): number {
    const end = bytes.indexOf(lineFeed, start);
    const stop = end < 0 ? bytes.length : end + 1;
    if (this.#line.length < 32) this.#line += bytes.toString('latin1', start, Math.min(stop, start + 32));
    this.#lineLength += stop - start;
    if (this.#lineLength > longestLine) throw new RedisPeerError('a line of its answer does not end');
    if (this.#line !== '' && !'+-:$*'.includes(this.#line[0] ?? ''))
      throw new RedisPeerError('it does not speak as Redis does');
    if (end < 0) return stop;
    if (this.#lineLength < 2 || (end > start && bytes[end - 1] !== carriageReturn))
      throw new RedisPeerError('it does not speak as Redis does');
    const line = this.#line.trimEnd();
    this.#line = '';
    this.#lineLength = 0;
    this.#element(line);
    return stop;
  }

  #element(line: string): void {
    const kind = line[0];
    if (kind !== '$' && kind !== '*') {
      this.#elementEnds();
      return;
    }
    const count = Number(line.slice(1));
    if (!/^-?\d+$/.test(line.slice(1)) || count < -1) throw new RedisPeerError('it does not speak as Redis does');
    if (count > (kind === '$' ? longestText : mostElements))
      throw new RedisPeerError('its answer is too long to be read');
    if (kind === '$' && count >= 0) this.#text = count + 2;
    else if (kind === '*' && count > 0) this.#openList(count);
    else this.#elementEnds();
  }

  #openList(count: number): void {
    this.#open.push(count);
    if (this.#open.length > deepest) throw new RedisPeerError('its answer is nested too deeply');
  }

  #elementEnds(): void {
    while (this.#open.length > 0) {
      const last = this.#open.length - 1;
      const left = (this.#open[last] ?? 0) - 1;
      this.#open[last] = left;
      if (left > 0) return;
      this.#open.pop();
    }
  }
}
