/** How long somebody waits for a request: until its client has left, or its time is over. */
export class RequestLifetime {
  #controller: AbortController | undefined;
  #ended: unknown;
  #isOver = false;

  /** Aborts when nobody waits any more. Made when it is first asked for: most requests are over before. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isOver) this.#controller.abort(this.#ended);
    return this.#controller.signal;
  }

  end(reason?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ended = reason;
    this.#controller?.abort(reason);
  }
}
