import {
  type ConstValueNode,
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type TypeNode,
  type ValueNode,
} from 'graphql';

/** How large a document is, by what makes it dear to validate and to run. */
export type DocumentMeasures = {
  /** Fields that lie in one another, through fragments; not counted beyond what is asked about. */
  depth: number;
  /** Lists, objects and list types that lie in one another. */
  nesting: number;
  aliases: number;
  /** Of the operation that has most. */
  rootFields: number;
  directives: number;
  fragments: number;
  /** Fields of a selection that another of its fields is called as, too. */
  repeatedFields: number;
};

/** Beyond these it is looked no further: what is too deep to be walked is too deep at once. */
export type Bounds = { depth: number; nesting: number; fragments: number };

/** Measures a document that has been parsed and not validated: it may be circular, and name what isn't there. */
export function measureDocument(document: DocumentNode, most: Bounds): DocumentMeasures {
  return new DocumentMeasurer(document, most).measured;
}

class DocumentMeasurer {
  readonly measured: DocumentMeasures = {
    depth: 0,
    nesting: 0,
    aliases: 0,
    rootFields: 0,
    directives: 0,
    fragments: 0,
    repeatedFields: 0,
  };
  readonly #most: Bounds;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #depths = new Map<string, number>();

  constructor(document: DocumentNode, most: Bounds) {
    this.#most = most;
    const fragments = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
    this.measured.fragments = fragments.length;
    this.#fragments = new Map(fragments.map((one) => [one.name.value, one]));
    if (fragments.length > most.fragments) return;
    for (const definition of document.definitions) {
      if (definition.kind === Kind.OPERATION_DEFINITION) this.#operation(definition);
      else if (definition.kind === Kind.FRAGMENT_DEFINITION) {
        this.#directives(definition.directives);
        this.#selections(definition.selectionSet);
      }
    }
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION || this.measured.depth > most.depth) continue;
      this.measured.rootFields = Math.max(
        this.measured.rootFields,
        this.#rootFields(definition.selectionSet, new Set()),
      );
      this.measured.depth = Math.max(this.measured.depth, this.#depthOf(definition.selectionSet));
    }
  }

  #operation({ directives, variableDefinitions = [], selectionSet }: OperationDefinitionNode): void {
    this.#directives(directives);
    for (const { type, defaultValue, directives: own } of variableDefinitions) {
      this.#directives(own);
      this.#type(type, 0);
      if (defaultValue !== undefined) this.#value(defaultValue, 0);
    }
    this.#selections(selectionSet);
  }

  /** Everything as it is written, each fragment once. */
  #selections({ selections }: SelectionSetNode, sets = 1, names = new Set<string>()): void {
    if (this.#isTooDeep(sets)) return;
    for (const selection of selections) {
      this.#directives(selection.directives);
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        this.#selections(selection.selectionSet, sets + 1, names);
      } else if (selection.kind === Kind.FIELD) {
        const name = (selection.alias ?? selection.name).value;
        if (selection.alias !== undefined) this.measured.aliases++;
        if (names.has(name)) this.measured.repeatedFields++;
        names.add(name);
        for (const { value } of selection.arguments ?? []) this.#value(value, 0);
        if (selection.selectionSet) this.#selections(selection.selectionSet, sets + 1);
      }
    }
  }

  /** Inline fragments have no depth of their own, but two levels of them are as dear to walk as one of fields. */
  #isTooDeep(sets: number): boolean {
    if (sets <= 2 * this.#most.depth + 1) return false;
    this.measured.depth = Math.max(this.measured.depth, this.#most.depth + 1);
    return true;
  }

  #directives(directives: readonly DirectiveNode[] = []): void {
    this.measured.directives += directives.length;
    for (const directive of directives) for (const { value } of directive.arguments ?? []) this.#value(value, 0);
  }

  #value(value: ValueNode | ConstValueNode, nesting: number): void {
    this.measured.nesting = Math.max(this.measured.nesting, nesting);
    if (nesting > this.#most.nesting) return;
    if (value.kind === Kind.LIST) for (const one of value.values) this.#value(one, nesting + 1);
    if (value.kind === Kind.OBJECT) for (const field of value.fields) this.#value(field.value, nesting + 1);
  }

  #type(type: TypeNode, nesting: number): void {
    this.measured.nesting = Math.max(this.measured.nesting, nesting);
    if (nesting > this.#most.nesting || type.kind === Kind.NAMED_TYPE) return;
    this.#type(type.type, nesting + 1);
  }

  #rootFields({ selections }: SelectionSetNode, seen: Set<string>): number {
    let count = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) count++;
      else if (selection.kind === Kind.INLINE_FRAGMENT) count += this.#rootFields(selection.selectionSet, seen);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = this.#fragments.get(selection.name.value);
        if (fragment) count += this.#rootFields(fragment.selectionSet, seen);
      }
    }
    return count;
  }

  /** Through fragments. One that holds itself has the depth at which it was met again; validation refuses it. */
  #depthOf({ selections }: SelectionSetNode): number {
    let depth = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) depth = Math.max(depth, this.#depthOfFragment(selection.name.value));
      else {
        const own = selection.kind === Kind.FIELD ? 1 : 0;
        const inner = selection.selectionSet ? this.#depthOf(selection.selectionSet) : 0;
        depth = Math.max(depth, own + inner);
      }
    }
    return depth;
  }

  #depthOfFragment(name: string): number {
    const known = this.#depths.get(name);
    const fragment = this.#fragments.get(name);
    if (known !== undefined || fragment === undefined) return known ?? 0;
    this.#depths.set(name, 0);
    const depth = this.#depthOf(fragment.selectionSet);
    this.#depths.set(name, depth);
    return depth;
  }
}
