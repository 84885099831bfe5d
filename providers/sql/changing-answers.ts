import { replacePlaceholders } from '../contract/sql-text.ts';

/** Calls of functions whose answer follows the clock or chance. */
const calls = [
  'now|today|age|timeofday|(?:transaction|statement|clock)_timestamp|get_current_\\w+|pg_\\w+',
  'random\\w*|gen_random_uuid|uuidv?\\d?|setseed',
];
/** What may stand between a function's name and its arguments: blanks and comments. */
const gap = '"?(?:\\s|/\\*[\\s\\S]*?\\*/|--[^\\n]*)*\\(';
/** Words that do the same without being called, in standard SQL and in the engines' own. */
const words = ['current_(?:date|time|timestamp)|localtime(?:stamp)?', '(?:table)?sample'];
/** Texts that PostgreSQL reads as the moment. */
const texts = ["'\\s*(?:now|today|tomorrow|yesterday)\\b"];

const changing = new RegExp(`\\b(?:${calls.join('|')})${gap}|\\b(?:${words.join('|')})\\b|${texts.join('|')}`, 'i');

/**
 * Whether the answer of a query may change while its inputs don't. It looks at words, not at syntax: a comment that
 * speaks of `now()` counts, so that nothing is missed.
 */
export function mayChangeByItself(sql: string): boolean {
  return changing.test(replacePlaceholders(sql, () => ''));
}
