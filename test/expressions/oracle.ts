import { type CelInput, celEnv, celMap, isCelError, isCelList, parse, plan } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { create } from '@bufbuild/protobuf';
import { isReflectMessage } from '@bufbuild/protobuf/reflect';
import { type Timestamp, TimestampSchema } from '@bufbuild/protobuf/wkt';
import { type MapValue, scalar, type Value } from '../../providers/contract/value-type.ts';
import type { ExpressionInput } from '../../src/expressions/expression.ts';

const environment = celEnv({ funcs: strings });

/** What `@bufbuild/cel` answers for a row: a value in our form, or `undefined` where it fails. */
export type Oracle = (row: readonly Value[]) => Value | undefined;

export function oracleOf(text: string, inputs: readonly ExpressionInput[]): Oracle {
  const evaluate = plan(environment, parse(text));
  return (row) => {
    const bindings: Record<string, CelInput> = {};
    const request: Record<string, CelInput> = {};
    for (const [at, { name, type }] of inputs.entries()) {
      const value = celInput(type, row[at] ?? null);
      if (name.startsWith('request.')) request[name.slice('request.'.length)] = value;
      else bindings[name] = value;
    }
    const answer = evaluate({ ...bindings, request });
    return isCelError(answer) ? undefined : fromCel(answer);
  };
}

function celInput(of: ExpressionInput['type'], value: Value): CelInput {
  if (value === null) return null;
  if (of.kind === 'MAP') {
    const [key, element] = [scalar(of.key), scalar(of.element)];
    return celMap(
      new Map([...(value as MapValue)].map(([name, one]) => [celInput(key, name), celInput(element, one)])) as never,
    );
  }
  const { kind, ...type } = of;
  if (Array.isArray(value)) return value as CelInput;
  const name = kind === 'SCALAR' && 'name' in type ? type.name : undefined;
  if (name === 'INT32') return BigInt(value as number);
  if (name === 'TIMESTAMP') return instant(value as bigint);
  if (name === 'DATE') return instant(BigInt(value as number) * 86_400_000_000n);
  return value as CelInput;
}

function instant(microseconds: bigint): Timestamp {
  const rest = ((microseconds % 1_000_000n) + 1_000_000n) % 1_000_000n;
  return create(TimestampSchema, { seconds: (microseconds - rest) / 1_000_000n, nanos: Number(rest) * 1_000 });
}

function fromCel(value: unknown): Value {
  if (isCelList(value)) return [...value].map((one) => fromCel(one)) as Value;
  if (isReflectMessage(value)) {
    const { seconds, nanos } = value.message as Timestamp;
    return seconds * 1_000_000n + BigInt(nanos / 1_000);
  }
  return value as Value;
}
