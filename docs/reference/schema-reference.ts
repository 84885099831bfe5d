import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isUnionType,
} from 'graphql';
import { schema } from '../../schema/schema.ts';
import { inCell } from './markdown.ts';

/** Everything that can be asked of the graph before any entity is registered: root fields, then types by name. */
export async function schemaReference(): Promise<string> {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const types = Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !roots.some((root) => root === type))
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const parts = [...roots.filter((root) => root !== null && root !== undefined), ...types].map(section);
  return `# The graph\n\nWritten by \`npm run docs\` from the schema. Registered entities add types and fields of their own
([federation](../federation.md)).\n\n${parts.join('\n\n')}\n`;
}

function section(type: GraphQLNamedType): string {
  const lines = [`## ${type.name}`, type.description ?? '', ...table(type)];
  return lines.filter((line) => line !== '').join('\n\n');
}

function table(type: GraphQLNamedType): string[] {
  if (isEnumType(type)) {
    const rows = type.getValues().map(({ name, description }) => [name, inCell(description)]);
    return [rowsOf(['value', 'what it means'], sorted(rows))];
  }
  if (isUnionType(type)) return [`One of ${type.getTypes().join(', ')}.`];
  if (isScalarType(type)) return [];
  if (isInputObjectType(type)) {
    const rows = Object.values(type.getFields()).map(({ name, type: of, description }) => [
      name,
      code(String(of)),
      inCell(description),
    ]);
    return [rowsOf(['field', 'type', 'what it is'], sorted(rows))];
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return [rowsOf(['field', 'type', 'what it is'], sorted(Object.values(type.getFields()).map(fieldRow)))];
}

function fieldRow({ name, args, type, description }: GraphQLField<unknown, unknown>): string[] {
  const given = args.toSorted((left, right) => (left.name < right.name ? -1 : 1)).map(argument);
  return [given.length === 0 ? name : `${name}(${given.join(', ')})`, code(String(type)), inCell(description)];
}

const argument = ({ name, type }: GraphQLArgument) => `${name}: ${type}`;
const code = (text: string) => `\`${text}\``;
const sorted = (rows: string[][]) => rows.toSorted(([left = ''], [right = '']) => (left < right ? -1 : 1));

function rowsOf(header: readonly string[], rows: readonly string[][]): string {
  const lines = rows.map(([name = '', ...rest]) => `| ${[code(name), ...rest].join(' | ')} |`);
  return [`| ${header.join(' | ')} |`, `|${'---|'.repeat(header.length)}`, ...lines].join('\n');
}
