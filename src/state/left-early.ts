/**
 * A generator that ends at once when its reader leaves. By itself a generator that waits for something goes on waiting,
 * and holds what it waits on; `leave` is what ends that.
 */
export function leftEarly<T>(generator: AsyncGenerator<T>, leave: () => void): AsyncGenerator<T> {
  return {
    next: () => generator.next(),
    return: (value) => {
      leave();
      return generator.return(value);
    },
    throw: (error) => {
      leave();
      return generator.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await this.return(undefined);
    },
  };
}
