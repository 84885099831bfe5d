/** What an analysed query, or another expression that the server keeps, is made of, by object id. */
export type TreeObjects = { functions: number[]; operators: number[]; types: number[] };

const numbered = /:(\w+) (?:(\d+)|\(o ([\d ]+)\))/g;
const isFunction = /(?:funcid|fnoid|RangeFunc|tsmhandler)$/;
const isOperator = /^(?:opnos?|eqop|sortop|cycle_mark_neop)$/;
const isType = /types?(?:id)?$/i;

/** Numbers of kinds (of a join, of a command) end their names like types do; types have no smaller number. */
const firstType = 16;

/**
 * The objects that a text of type `pg_node_tree` names. It holds what the server itself has made of a query: which function
 * a call, an operator, a cast or a column in the notation of attributes really is. Names and values of a query can't
 * hide a part of it: the server escapes blanks in names and writes values as bytes.
 */
export function treeObjects(tree: string): TreeObjects {
  const found = { functions: new Set<number>(), operators: new Set<number>(), types: new Set<number>() };
  for (const [, field = '', one, list = ''] of tree.matchAll(numbered)) {
    const ids = (one ?? list).split(' ').map(Number);
    if (isFunction.test(field)) addAll(found.functions, ids);
    else if (isOperator.test(field)) addAll(found.operators, ids);
    else if (isType.test(field))
      addAll(
        found.types,
        ids.filter((id) => id >= firstType),
      );
  }
  return { functions: [...found.functions], operators: [...found.operators], types: [...found.types] };
}

/** 0 stands for none. */
function addAll(found: Set<number>, ids: readonly number[]): void {
  for (const id of ids) if (id > 0) found.add(id);
}
