import type { JsonValue } from '../generated/operations.ts';

/** What is typed as a value of a type: numbers in digits stay exact, whatever their size; a list is one of JSON. */
export function keyValue(text: string, type: string): JsonValue {
  if (type === 'BOOL') return text === 'true';
  if (text.startsWith('[') && !/^(STRING|BYTES)$/.test(type)) return listOf(text);
  if (/^(INT|FLOAT)/.test(type) && text !== '') {
    const read = Number(text);
    return Number.isFinite(read) && (!type.startsWith('INT') || Number.isSafeInteger(read)) ? read : text;
  }
  return text;
}

/** As JSON; what is none is for the graph to refuse, in its own words. */
function listOf(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}
