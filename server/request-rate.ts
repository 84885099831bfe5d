import fastifyRateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Limits } from '../src/config/limits.ts';
import { counterOf } from './principal.ts';
import { RequestRefused } from './request-refused.ts';
import { tooManyRequests } from './socket-route.ts';

type Limiter = (request: FastifyRequest) => Promise<{ isAllowed: boolean } | { isAllowed: false; isExceeded: boolean }>;

/** Counts what each client asks in a second, over HTTP and WebSocket together, in this process. */
export class RequestRate {
  readonly #limits: Limits;
  readonly #limiter: Limiter | undefined;

  private constructor(limits: Limits, limiter: Limiter | undefined) {
    this.#limits = limits;
    this.#limiter = limiter;
  }

  static async open(server: FastifyInstance, limits: Limits): Promise<RequestRate> {
    const { requestsPerSecond: max } = limits;
    if (max === 0) return new RequestRate(limits, undefined);
    await server.register(fastifyRateLimit, { global: false });
    const limiter = server.createRateLimit({ max, timeWindow: 1_000, keyGenerator: counterOf });
    return new RequestRate(limits, limiter as Limiter);
  }

  /** Where nothing is counted there is nothing to ask. */
  get isLimited(): boolean {
    return this.#limiter !== undefined;
  }

  async mayBegin(request: FastifyRequest): Promise<boolean> {
    if (this.#limiter === undefined) return true;
    const counted = await this.#limiter(request);
    return !('isExceeded' in counted && counted.isExceeded);
  }

  async check(request: FastifyRequest): Promise<void> {
    if (await this.mayBegin(request)) return;
    throw new RequestRefused(429, 'LIMIT_EXCEEDED', tooManyRequests(this.#limits));
  }
}
