/**
 * What a builder was called with that no definition can be made of. The types of TypeScript say it while one writes;
 * this says it to who writes JavaScript: which call it is, what is wrong with it, and how it is written.
 */
export function misuse(call: string, what: string, fix: string): never {
  throw new TypeError(`${call}: ${what}. ${fix}`);
}

/** A call as it stands in a file: `sum('amount')`. */
export function callOf(builder: string, ...given: readonly unknown[]): string {
  return `${builder}(${given.map(shown).join(', ')})`;
}

/** A value as it may be written; what it is, where that would be long. */
function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 39)}…` : value}'`;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return '[…]';
  return typeof value === 'object' && value !== null ? '{…}' : String(value);
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function requireText(call: string, what: string, value: unknown, fix: string): void {
  if (typeof value !== 'string' || value === '') misuse(call, `${what} is ${shown(value)}, and must be text`, fix);
}

export function requireNumber(call: string, what: string, value: unknown, fix: string): void {
  if (typeof value !== 'number') misuse(call, `${what} is ${shown(value)}, and must be a number`, fix);
}

export function requireObject(call: string, what: string, value: unknown, fix: string): void {
  if (!isObject(value)) misuse(call, `${what} is ${shown(value)}, and must be an object`, fix);
}

/** What comes last, and may be left out: a variant or a description that stands there by itself would be lost. */
export function requireOptions(call: string, value: unknown): void {
  requireObject(
    call,
    'what comes last',
    value,
    "Write options by name: { variant: 'v2', description: 'What it is.' }.",
  );
}

export function requireList(call: string, what: string, value: unknown, fix: string): void {
  if (!Array.isArray(value)) misuse(call, `${what} is ${shown(value)}, and must be a list`, fix);
}

/** The type of a column, as `int64()` makes it. */
export function requireType(call: string, what: string, value: unknown, fix: string): void {
  if (typeof value === 'function') misuse(call, `${what} is a function, and not yet a type`, 'Call it: int64().');
  if (isObject(value) && 'over' in value)
    misuse(call, `${what} is of no window yet`, "Say of which: sum('amount', float64()).over('7d').");
  const { type } = (value ?? {}) as { type?: unknown };
  if (!isObject(value) || typeof type !== 'string')
    misuse(call, `${what} is ${shown(value)}, and must be a type, as int64() is one`, fix);
}

/** Columns by name, each with its type. */
export function requireTypes(call: string, what: string, value: unknown, fix: string): void {
  requireObject(call, what, value, fix);
  for (const [name, type] of Object.entries(value as object)) requireType(call, `${what}.${name}`, type, fix);
}

/** What another builder made: an entity, a source, a provider. */
export function requireMade(call: string, what: string, value: unknown, noun: string, fix: string): void {
  const body = isObject(value) ? (value as { readonly [noun: string]: unknown })[noun] : undefined;
  if (isObject(body)) return;
  const why =
    typeof value === 'string' ? ', a name: give what is defined under it' : `, and must be what ${article(noun)} is`;
  misuse(call, `${what} is ${shown(value)}${why}`, fix);
}

function article(noun: string): string {
  const words = noun.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${/^[aeiou]/.test(words) ? 'an' : 'a'} ${words}`;
}

/** Features of views, each a property of its own: a name that is none of them is undefined. */
export function requireFeatures(call: string, what: string, value: unknown): void {
  requireList(call, what, value, 'Name features as properties of their views: [stats.trips].');
  for (const [at, feature] of (value as readonly unknown[]).entries()) {
    if (isObject(feature) && typeof (feature as { feature?: unknown }).feature === 'string') continue;
    const where = `${what}[${at}]`;
    if (feature === undefined)
      misuse(call, `${where} is undefined`, 'Its view has no feature of this name: spell it as the view does.');
    if (Array.isArray(feature)) misuse(call, `${where} is a list`, 'Spread it: ...allOf(stats).');
    misuse(call, `${where} is ${shown(feature)}, and no feature`, 'Name a property of a view: stats.trips.');
  }
}
