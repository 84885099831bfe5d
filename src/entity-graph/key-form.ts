import { Failure } from '../../providers/contract/failure.ts';
import { type Scalar, type ScalarName, scalar } from '../../providers/contract/value-type.ts';
import type { GraphqlKeyType } from '../registry/definitions/entity.ts';
import { fromJson, toJson } from '../values/json-value.ts';

/** What a key field holds: the join key's own type where it is undefined, else the key in another team's words. */
export type KeyForm = GraphqlKeyType | undefined;

type Read = { value: Scalar } | { problem: string };

/** A join key's value as its field answers it. Fails with UNSUPPORTED where an Int is too small for it. */
export function formedKey(form: KeyForm, type: ScalarName, value: Scalar): Scalar {
  if (form === undefined) return value;
  if (form !== 'Int') return String(toJson(scalar(type), value));
  const number = Number(value);
  if (isInt(number)) return number;
  throw new Failure('UNSUPPORTED', `The key ${value} does not fit into the 32 bits of an Int.`);
}

/**
 * Reads what `formedKey` gives, as a gateway sends it: nothing else of it is the same key, so that neither "007" nor
 * "7.0" is the integer 7. Who writes an ID as a number means its digits.
 */
export function readFormedKey(form: KeyForm, type: ScalarName, json: unknown): Read {
  if (form === undefined) return readJson(type, json);
  if (form === 'Int') return isInt(json) ? readJson(type, json) : { problem: 'must be a whole number of 32 bits' };
  const isText = typeof json === 'string' || (form === 'ID' && Number.isSafeInteger(json));
  return isText ? readText(type, String(json)) : { problem: `must be ${form === 'ID' ? 'an ID' : 'a string'}` };
}

function isInt(json: unknown): boolean {
  return typeof json === 'number' && (json | 0) === json;
}

const digits = /^(?:0|-?[1-9]\d*)$/;

function readText(type: ScalarName, text: string): Read {
  if (type === 'BOOL') return readJson(type, text === 'true' || (text === 'false' ? false : text));
  if (type !== 'INT32' && type !== 'INT64') return readJson(type, text);
  if (!digits.test(text)) return { problem: 'must be the digits of a whole number' };
  return readJson(type, type === 'INT32' ? Number(text) : text);
}

function readJson(type: ScalarName, json: unknown): Read {
  const read = fromJson(scalar(type), json);
  if ('problem' in read) return read;
  return { value: read.value as Scalar };
}
