import { z } from 'zod';

/** What the stand-in answers instead of a result. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Stands in messages where the server says how far it had read: to the end, for it reads objects whole. */
export const place = '{place}';

/** Reads as the form that `choose` gives, and tells what that form has against the input. */
export function chosen<T>(choose: (input: object) => z.ZodType<T>): z.ZodType<T> {
  return z.unknown().transform((input, context) => {
    const read = choose(typeof input === 'object' && input !== null ? input : {}).safeParse(input);
    if (read.success) return read.data;
    for (const issue of read.error.issues) context.addIssue({ code: 'custom', message: issue.message });
    return z.NEVER;
  });
}

/** Reads as the first form that fits; says `problem` when none does. */
export function anyOf<F extends z.ZodType>(
  forms: readonly F[],
  problem: (input: unknown) => string,
): z.ZodType<z.output<F>> {
  return z.unknown().transform((input, context) => {
    for (const form of forms) {
      const read = form.safeParse(input);
      if (read.success) return read.data;
    }
    context.addIssue({ code: 'custom', message: problem(input) });
    return z.NEVER;
  });
}

export const untagged =
  (name: string, at = place) =>
  () =>
    `data did not match any variant of untagged enum ${name}${at}`;
/** Reads a body as the server would, or refuses it in the server's words. */
export function readBody<T>(form: z.ZodType<T>, text: string): T {
  const end = ` at line 1 column ${Buffer.byteLength(text)}`;
  const refuse = (message: string) => new Refusal(400, `Format error in JSON body: ${message.replace(place, end)}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refuse(`EOF while parsing a value${place}`);
  }
  if (depthOf(json) > deepest) throw refuse(`recursion limit exceeded${place}`);
  const read = form.safeParse(json);
  if (!read.success) throw refuse(read.error.issues[0]?.message ?? '');
  return read.data;
}

/** Objects and arrays in each other, as deep as the server's parser goes. */
const deepest = 127;

function depthOf(json: unknown): number {
  if (typeof json !== 'object' || json === null) return 0;
  let deepestChild = 0;
  for (const child of Object.values(json)) {
    if (typeof child === 'object') deepestChild = Math.max(deepestChild, depthOf(child));
  }
  return deepestChild + 1;
}
