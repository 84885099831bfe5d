import { columnIdentity } from '../../providers/contract/column-names.ts';
import { fieldName } from '../../src/registry/naming.ts';
import type { Roles, Typed } from './guessed-columns.ts';

/** As long as a registered name may be. */
const longest = 63;

/** What is left of a text in a name that can be registered: letters without their accents, digits, single underscores. */
export function wordsIn(text: string): string {
  const plain = text.normalize('NFD').replaceAll(/\p{M}/gu, '');
  return shortened(plain.replaceAll(/[^A-Za-z0-9]+/g, '_').replaceAll(/^[_0-9]+|_+$/g, ''));
}

function shortened(name: string, length = longest): string {
  return name.slice(0, length).replace(/_+$/, '');
}

/** Several names as one. */
export function joined(names: readonly string[]): string {
  return shortened(names.join('_'));
}

/** A column under the name that it has in definitions. */
export type Named = { column: Typed; name: string };

/**
 * Columns are called what they like, and several may come to one name: the keys have theirs first, then the first of the
 * features, and who comes later is numbered.
 */
export function namedColumns({
  keys,
  features,
}: Pick<Roles, 'keys' | 'features'>): Record<'keys' | 'features', Named[]> {
  const taken = new Set<string>();
  return {
    keys: numbered(keys, taken, []),
    // What the view itself is stands in the property of this name.
    features: numbered(features, taken, ['featureView']),
  };
}

function numbered(columns: readonly Typed[], taken: Set<string>, kept: readonly string[]): Named[] {
  // Two columns may also come to one field of the graph: a_b and aB.
  const fields = new Set<string>();
  return columns.map((column) => {
    const isFree = (name: string) =>
      !kept.includes(name) && !taken.has(columnIdentity(name)) && !fields.has(fieldName(name));
    const name = firstFree(wordsIn(column.name) || 'column', '_', isFree);
    taken.add(columnIdentity(name));
    fields.add(fieldName(name));
    return { column, name };
  });
}

function firstFree(wanted: string, between: string, isFree: (name: string) => boolean): string {
  for (let count = 1; ; count++) {
    const end = `${between}${count}`;
    const name = count === 1 ? wanted : `${shortened(wanted, longest - end.length)}${end}`;
    if (isFree(name)) return name;
  }
}

/** What a module can't declare, and the one value that proposed definitions name. */
const reserved =
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield';

/** Names of variables, each given once, and none that is reserved or imported. */
export class VariableNames {
  readonly #taken: Set<string>;

  constructor(imported: readonly string[]) {
    this.#taken = new Set([...reserved.split(' '), ...imported]);
  }

  /** What a registered name is called as a variable, with what it is behind it where it can't be called so. */
  next(name: string, noun = ''): string {
    const isFree = (one: string) => !this.#taken.has(one);
    const wanted = name.replaceAll(/_([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
    const variable = isFree(wanted) ? wanted : firstFree(`${wanted}${noun}`, '', isFree);
    this.#taken.add(variable);
    return variable;
  }
}
