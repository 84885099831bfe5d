import type { Socket } from 'node:net';

/** Whoever takes less than this in the time that is given takes nothing: a store waits for him. */
const leastBytes = 16 * 1024;

/**
 * Ends a connection whose client does not take what is sent, so that what is read for it goes back to others. An answer
 * that waits for its store is nobody's fault. To be called when the answer has ended.
 */
export function endStalledReader(socket: Socket, withinMs: number, onEnd: () => void): () => void {
  let [written, since] = [socket.bytesWritten, performance.now()];
  const timer = setInterval(
    () => {
      const now = performance.now();
      if (socket.writableLength === 0 || socket.bytesWritten - written >= leastBytes) {
        [written, since] = [socket.bytesWritten, now];
      } else if (now - since > withinMs) {
        clearInterval(timer);
        onEnd();
        socket.destroy();
      }
    },
    Math.min(1_000, withinMs / 4),
  );
  timer.unref();
  return () => clearInterval(timer);
}
