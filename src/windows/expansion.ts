/*
 * Expansions (Shewchuk): doubles that do not overlap, smallest first, whose exact sum is the number meant.
 */

/** Adds one double to an expansion: what each addition rounds off goes on as a part of its own. */
export function grow(parts: number[], value: number): void {
  const length = parts.length;
  let sum = value;
  let kept = 0;
  for (let at = 0; at < length; at++) {
    const part = parts[at] as number;
    const total = sum + part;
    // Exact whichever of the two is the larger (Knuth).
    const other = total - sum;
    const rest = sum - (total - other) + (part - other);
    if (rest !== 0) parts[kept++] = rest;
    sum = total;
  }
  if (sum !== 0) parts[kept++] = sum;
  // To set the length takes longer than all else.
  if (kept < length) parts.length = kept;
}

const splitter = 2 ** 27 + 1;

/** Adds a product as the two doubles that it is exactly (Dekker). */
export function addProduct(parts: number[], left: number, right: number): void {
  const product = left * right;
  const leftHigh = high(left);
  const rightHigh = high(right);
  const [leftLow, rightLow] = [left - leftHigh, right - rightHigh];
  const rest = leftLow * rightLow - (product - leftHigh * rightHigh - leftLow * rightHigh - leftHigh * rightLow);
  if (rest !== 0) grow(parts, rest);
  if (product !== 0) grow(parts, product);
}

function high(value: number): number {
  const scaled = splitter * value;
  return scaled - (scaled - value);
}

/** Half an ulp that is left over is rounded by what lies below it. */
export function roundedParts(parts: readonly number[]): number {
  let at = parts.length - 1;
  let sum = at < 0 ? 0 : (parts[at] as number);
  let rest = 0;
  while (at > 0 && rest === 0) {
    const part = parts[--at] as number;
    const total = sum + part;
    rest = part - (total - sum);
    sum = total;
  }
  const below = at > 0 ? (parts[at - 1] as number) : 0;
  if ((rest < 0 && below < 0) || (rest > 0 && below > 0)) {
    const doubled = rest * 2;
    const rounded = sum + doubled;
    if (doubled === rounded - sum) return rounded;
  }
  return sum;
}
