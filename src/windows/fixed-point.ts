/** A number of 2^-2148: any double, and the square of any, is a whole number of these. */
export type Fixed = bigint;

export const fixedUnit = 2_148n;

const bits = new DataView(new ArrayBuffer(8));
const fractionBits = 52n;

/** A finite double, exactly. */
export function fixedOf(value: number): Fixed {
  bits.setFloat64(0, value);
  const word = bits.getBigUint64(0);
  const exponent = (word >> fractionBits) & 0x7ffn;
  const fraction = word & ((1n << fractionBits) - 1n);
  const mantissa = exponent === 0n ? fraction : fraction | (1n << fractionBits);
  // The smallest double is 2^-1074.
  const size = mantissa << ((exponent === 0n ? 0n : exponent - 1n) + fixedUnit - 1_074n);
  return value < 0 ? -size : size;
}

/** The double nearest to `value` · 2^-`unit`, halfway to even; an infinity beyond the greatest. */
export function roundedFixed(value: bigint, unit: bigint): number {
  if (value === 0n) return 0;
  const size = value < 0n ? -value : value;
  const length = BigInt(size.toString(2).length);
  // Of the last bit that a double of this size has.
  const last = length - unit - 53n > -1_074n ? length - unit - 53n : -1_074n;
  const drop = last + unit;
  let mantissa = drop <= 0n ? size << -drop : size >> drop;
  if (drop > 0n) {
    const rest = size - (mantissa << drop);
    const half = 1n << (drop - 1n);
    if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa += 1n;
  }
  const rounded = scaled(Number(mantissa), Number(last));
  return value < 0n ? -rounded : rounded;
}

/** 2^`exponent` itself may be beyond a double where the product is not. */
function scaled(mantissa: number, exponent: number): number {
  return exponent > 1_000 ? mantissa * 2 ** 1_000 * 2 ** (exponent - 1_000) : mantissa * 2 ** exponent;
}
