import type { Compiled } from './compiled.ts';
import {
  type Evaluated,
  EvaluationError,
  type Frame,
  isBeyondLimit,
  lengthOf,
  limitReached,
  type Run,
} from './evaluation.ts';
import { expressionLimits } from './expression-limits.ts';
import type { ExpressionType } from './expression-type.ts';
import { demandBool, joined } from './logic.ts';

/**
 * `all`, `exists`, `exists_one`, `filter` and `map` over the elements of a list, each of which `slot` holds in turn.
 * `map` may have a condition before what it makes. A null that decides makes the whole null, an error an error. `steps`
 * are what the bodies cost for an element.
 */
export function macro(
  name: string,
  range: Compiled,
  element: ExpressionType,
  slot: number,
  bodies: readonly [Compiled, ...Compiled[]],
  steps: number,
  at: number,
): Compiled {
  const over = (type: ExpressionType, each: Over) => ({ type, run: counted(range.run, steps, each), at });
  const [first, second] = bodies;
  if (name === 'map' && second === undefined) return over({ list: first.type }, mapping(slot, first.run));
  demandBool(first, name);
  if (name === 'map' && second !== undefined) {
    return over({ list: second.type }, filtering(slot, first.run, second.run));
  }
  if (name === 'filter') return over({ list: element }, filtering(slot, first.run, undefined));
  if (name === 'exists_one') return over('bool', exactlyOne(slot, first.run));
  return over('bool', deciding(name === 'exists', slot, first.run));
}

/** For each character, byte and element of what a list is made of. */
const stepsOfMade = 0.25;

type Over = (elements: readonly Evaluated[], frame: Frame, at: number) => Evaluated;

function counted(range: Run, steps: number, each: Over): Run {
  return (frame, at) => {
    const elements = range(frame, at);
    if (!Array.isArray(elements)) return elements;
    return isBeyondLimit(frame, steps * elements.length) ? limitReached : each(elements, frame, at);
  };
}

function deciding(decisive: boolean, slot: number, body: Run): Over {
  return (elements, frame, at) => {
    let result: Evaluated = !decisive;
    for (const element of elements) {
      frame.variables[slot] = element;
      result = joined(decisive, result, body(frame, at));
      if (result === decisive) return result;
    }
    return result;
  };
}

function exactlyOne(slot: number, body: Run): Over {
  return (elements, frame, at) => {
    let [found, unknown]: [number, Evaluated] = [0, true];
    for (const element of elements) {
      frame.variables[slot] = element;
      const holds = body(frame, at);
      if (holds instanceof EvaluationError) return holds;
      if (holds === null) unknown = null;
      if (holds === true) found++;
    }
    return unknown === null ? null : found === 1;
  };
}

function mapping(slot: number, body: Run): Over {
  return (elements, frame, at) => {
    const made: Evaluated[] = [];
    for (const element of elements) {
      frame.variables[slot] = element;
      const value = body(frame, at);
      const wrong = added(made, value, frame);
      if (wrong !== undefined) return wrong;
    }
    return made;
  };
}

/** Adds to a list that is made. It may refer to one text many times: whoever is told of it gets each of them. */
function added(made: Evaluated[], value: Evaluated, frame: Frame): EvaluationError | undefined {
  if (value instanceof EvaluationError) return value;
  made.push(value);
  const length = value === null ? 0 : lengthOf(value);
  const isTooLong = made.length > expressionLimits.listElements || isBeyondLimit(frame, stepsOfMade * length);
  return isTooLong ? limitReached : undefined;
}

function filtering(slot: number, condition: Run, body: Run | undefined): Over {
  return (elements, frame, at) => {
    const made: Evaluated[] = [];
    let unknown = false;
    for (const element of elements) {
      frame.variables[slot] = element;
      const holds = condition(frame, at);
      if (holds instanceof EvaluationError) return holds;
      if (holds === null) unknown = true;
      if (holds !== true) continue;
      const value = body === undefined ? element : body(frame, at);
      const wrong = added(made, value, frame);
      if (wrong !== undefined) return wrong;
    }
    return unknown ? null : made;
  };
}
