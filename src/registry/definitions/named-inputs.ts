import { z } from 'zod';

/** Of a `oneOf` exactly one field is given. */
type Named = { name: string; description: string; oneOf?: boolean };

/**
 * What is said of the objects that users write, where each is a type of its own. What is said of their fields is the
 * fields' own `describe`; one that users don't write is `readOnly`.
 */
export const namedInputs = z.registry<Named>();

/** An object that users write. */
export function input<F extends z.ZodRawShape>(name: string, description: string, fields: F) {
  return z.object(fields).register(namedInputs, { name, description });
}

/** One of which users write exactly one field. */
export function oneOfInput<F extends z.ZodRawShape>(name: string, description: string, message: string, fields: F) {
  return z
    .object(fields)
    .refine((given) => Object.values(given).filter((one) => one !== undefined).length === 1, { message })
    .register(namedInputs, { name, description, oneOf: true });
}
