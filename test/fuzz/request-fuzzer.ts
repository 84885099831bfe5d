import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { hostileScalar, hostileText } from './hostile-values.ts';
import { Random } from './random.ts';

export type FuzzedRequest = { query: string; variables: Record<string, unknown> };

const deepest = 4;

/** Requests that walk a schema at random, with values that nobody would send; a seed determines each. */
export class RequestFuzzer {
  readonly #schema: GraphQLSchema;
  readonly #random: Random;
  #variables: Record<string, unknown> = {};
  #declared: string[] = [];

  constructor(schema: GraphQLSchema, seed: number) {
    this.#schema = schema;
    this.#random = new Random(seed);
  }

  request(): FuzzedRequest {
    this.#variables = {};
    this.#declared = [];
    const mutation = this.#schema.getMutationType();
    const isMutation = mutation !== undefined && mutation !== null && this.#random.chance(0.3);
    const root = isMutation ? mutation : this.#schema.getQueryType();
    const fields = root ? this.#selection(root, 0) : '{ __typename }';
    const declared = this.#declared.length > 0 ? ` F(${this.#declared.join(', ')})` : '';
    const query = `${isMutation ? 'mutation' : 'query'}${declared} ${fields}`;
    return { query: this.#random.chance(0.03) ? this.#broken(query) : query, variables: this.#variables };
  }

  /** As if a part were lost, said twice or another. */
  #broken(query: string): string {
    const at = this.#random.below(query.length);
    const part = this.#random.pick([
      '',
      '{',
      '}',
      '"',
      '(',
      '$',
      '@skip(if: true)',
      '...F',
      '\0',
      '#',
      query.slice(at, at + 20),
    ]);
    return query.slice(0, at) + part + query.slice(at + this.#random.below(3));
  }

  #selection(type: GraphQLObjectType, depth: number): string {
    const fields = Object.values(type.getFields());
    const count = 1 + this.#random.below(depth === 0 ? 2 : 4);
    const chosen = Array.from({ length: count }, (_, at) => this.#field(this.#random.pick(fields), at, depth));
    return `{ ${['__typename', ...chosen].join(' ')} }`;
  }

  #field(field: GraphQLField<unknown, unknown>, at: number, depth: number): string {
    const below = this.#below(field.type, depth);
    if (below === undefined) return '__typename';
    const given = field.args.flatMap((argument) => {
      const isNeeded = isNonNullType(argument.type) && argument.defaultValue === undefined;
      if (!this.#random.chance(isNeeded ? 0.98 : 0.4)) return [];
      return [`${argument.name}: ${this.#argument(argument.type)}`];
    });
    const directive = this.#random.chance(0.03) ? ` @include(if: ${this.#random.chance(0.5)})` : '';
    return `a${depth}${at}: ${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''}${directive}${below}`;
  }

  #below(type: GraphQLOutputType, depth: number): string | undefined {
    const named = getNamedType(type);
    if (isLeafType(named)) return '';
    if (depth >= deepest) return undefined;
    if (isObjectType(named)) return ` ${this.#selection(named, depth + 1)}`;
    if (!isAbstractType(named)) return undefined;
    const possible = this.#random.pick(this.#schema.getPossibleTypes(named));
    return ` { __typename ... on ${possible.name} ${this.#selection(possible, depth + 1)} }`;
  }

  /** As a variable, or written into the document. */
  #argument(type: GraphQLInputType): string {
    const value = this.#value(type, 0);
    if (this.#random.chance(0.3)) return literal(value, type);
    const name = `v${this.#declared.length}`;
    this.#declared.push(`$${name}: ${type}`);
    if (!this.#random.chance(0.02)) this.#variables[name] = value;
    return `$${name}`;
  }

  #value(type: GraphQLInputType, depth: number): unknown {
    if (!isNonNullType(type) && this.#random.chance(depth > 8 ? 1 : 0.05)) return null;
    const nullable = getNullableType(type);
    if (isListType(nullable)) {
      const length = depth > 5 ? 0 : this.#random.chance(0.02) ? 100 : this.#random.below(4);
      return Array.from({ length }, () => this.#value(nullable.ofType, depth + 1));
    }
    if (isEnumType(nullable)) {
      return this.#random.chance(0.03) ? 'NOTHING' : this.#random.pick(nullable.getValues()).name;
    }
    if (!isInputObjectType(nullable)) return hostileScalar(this.#random, getNamedType(nullable).name);
    const fields = Object.values(nullable.getFields());
    const wanted = nullable.isOneOf && this.#random.chance(0.9) ? [this.#random.pick(fields)] : fields;
    const held = wanted.flatMap(({ name, type: own }) => {
      const share = (nullable.isOneOf && depth < 8) || isNonNullType(own) ? 0.98 : depth > 5 ? 0 : 0.3;
      return this.#random.chance(share) ? [[name, this.#value(own, depth + 1)]] : [];
    });
    if (this.#random.chance(0.01)) held.push([hostileText(this.#random), 1]);
    return Object.fromEntries(held);
  }
}

/** A value in GraphQL's own writing: enum values bare, keys without quotes. */
function literal(value: unknown, type: GraphQLInputType | undefined): string {
  const nullable = type && getNullableType(type);
  if (Array.isArray(value)) {
    const item = isListType(nullable) ? nullable.ofType : undefined;
    return `[${value.map((one) => literal(one, item)).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const fields = isInputObjectType(nullable) ? nullable.getFields() : {};
    const held = Object.entries(value).filter(([name]) => /^[_A-Za-z]\w*$/.test(name));
    return `{${held.map(([name, one]) => `${name}: ${literal(one, Object.hasOwn(fields, name) ? fields[name]?.type : undefined)}`).join(', ')}}`;
  }
  if (isEnumType(nullable) && typeof value === 'string') return value;
  return JSON.stringify(value) ?? 'null';
}
