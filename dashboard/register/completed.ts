import { formEnums, formTypes } from '../generated/definition-forms.ts';
import type { JsonValue } from '../generated/operations.ts';
import { isObject } from '../resource/definition-text.ts';

/**
 * A definition in which what must be said is there, if empty: so that the plan says what is wrong with all of it, in its own
 * words, and the graph refuses none of it for its form.
 */
export function completed(type: string, value: JsonValue): JsonValue {
  const of = formTypes[type];
  if (of === undefined || !isObject(value)) return value;
  const said = Object.entries(value).map(([name, one]) => {
    const field = of.fields.find((known) => known.name === name);
    if (field === undefined) return [name, one];
    const whole = Array.isArray(one) ? one.map((entry) => completed(field.type, entry)) : completed(field.type, one);
    return [name, whole];
  });
  const missing = of.isOneOf ? [] : of.fields.filter(({ name, isNeeded }) => isNeeded && value[name] === undefined);
  const added = missing.flatMap(({ name, type: needed, isList }): [string, JsonValue][] => {
    if (isList) return [[name, []]];
    if (needed === 'String') return [[name, '']];
    return formEnums[needed] === undefined && formTypes[needed]?.isOneOf === false
      ? [[name, completed(needed, {})]]
      : [];
  });
  return Object.fromEntries([...said, ...added]);
}
