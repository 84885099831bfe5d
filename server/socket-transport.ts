import type { FastifyRequest } from 'fastify';
import { CloseCode, type Server } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { WrittenAnswers } from './written-answers.ts';

export type SocketExtra = { socket: WebSocket; request: FastifyRequest };

/** How long a client may be silent before it is asked for a sign, and how long it may take to give one. */
const silenceMs = 12_000;

/** Bytes of answers that may wait for a client before no more is read of what it asks: it could ask faster than it reads. */
const mostWaiting = 1 << 20;

/**
 * Has a socket served by graphql-ws. The library's own way for Fastify takes it for a defect of ours that a client left in the
 * middle of an answer, and tells clients what our errors say.
 */
export function serveSocket(
  server: Server<SocketExtra>,
  socket: WebSocket,
  request: FastifyRequest,
  answers: WrittenAnswers,
): void {
  const fail = (error: unknown) => {
    if (isUnexpectedMessage(error)) return socket.close(CloseCode.BadRequest, 'Invalid message received');
    request.log.error({ error }, 'a message of a WebSocket could not be answered');
    socket.close(CloseCode.InternalServerError, 'Internal server error');
  };
  const transport = {
    protocol: socket.protocol,
    send: (text: string) => sent(socket, answers.message(text)).finally(() => resumed(socket)),
    close: (code?: number, reason?: string) => socket.close(code, reason),
    onMessage: (take: (text: string) => Promise<void>) => {
      socket.on('message', (data) => {
        void take(String(data)).catch(fail);
        if (socket.bufferedAmount > mostWaiting) socket.pause();
      });
    },
  };
  const closed = server.opened(transport, { socket, request });
  const stopAsking = askForSigns(socket);
  socket.once('close', (code, reason) => {
    stopAsking();
    closed(code, String(reason)).catch(fail);
  });
}

/** One that only servers send. */
function isUnexpectedMessage(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Unexpected message of type');
}

/** What fails by its code is the client's: a frame that is none, or a connection that is gone. */
export function socketFailed(error: Error, socket: WebSocket, request: FastifyRequest): void {
  request.log['code' in error ? 'debug' : 'error']({ error }, 'a WebSocket failed');
  socket.terminate();
}

/** Resolves once the client may have more. What it is sent after it has left is nobody's, also where that is only known by then. */
function sent(socket: WebSocket, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.readyState !== socket.OPEN) return resolve();
    socket.send(text, (error) => {
      const isOurs = error && socket.readyState === socket.OPEN && !('code' in error);
      return isOurs ? reject(error) : resolve();
    });
  });
}

function resumed(socket: WebSocket): void {
  if (socket.isPaused && socket.bufferedAmount <= mostWaiting) socket.resume();
}

/** A client that is gone without a word is known by the sign that it does not give; of one that is not read, none is awaited. */
function askForSigns(socket: WebSocket): () => void {
  let hasGiven = true;
  socket.on('pong', () => {
    hasGiven = true;
  });
  const timer = setInterval(() => {
    if (!hasGiven && !socket.isPaused) return socket.terminate();
    hasGiven = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, silenceMs);
  return () => clearInterval(timer);
}
