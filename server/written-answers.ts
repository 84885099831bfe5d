import { randomUUID } from 'node:crypto';
import type { ExecutionResult, FormattedExecutionResult } from 'graphql';
import { answerText, isLargeAnswer } from './answer-text.ts';

type Answer = ExecutionResult | FormattedExecutionResult;

/**
 * Writes large answers of a WebSocket in turns. graphql-ws writes a message at once, after it has asked what to send: it is given
 * a stand-in, in whose place the text comes when the message is sent.
 */
export class WrittenAnswers {
  readonly #texts = new Map<string, string>();

  /** What to give graphql-ws; undefined where it may write the answer itself. */
  standIn(answer: Answer): Promise<FormattedExecutionResult> | undefined {
    return isLargeAnswer(answer) ? this.#written(answer) : undefined;
  }

  async #written(answer: Answer): Promise<FormattedExecutionResult> {
    const text = await answerText(answer);
    const standIn = { extensions: { written: randomUUID() } };
    this.#texts.set(JSON.stringify(standIn), text);
    return standIn;
  }

  /** The message as it is to be sent. Each has its payload last. */
  message(text: string): string {
    for (const [standIn, answer] of this.#texts) {
      const ending = `${standIn}}`;
      if (!text.endsWith(ending)) continue;
      this.#texts.delete(standIn);
      return `${text.slice(0, -ending.length)}${answer}}`;
    }
    return text;
  }
}
