type Vector = readonly number[];

/**
 * Vectors in two dimensions: along the two directions in which they differ most (principal components), found by power
 * iteration on what is between the points, of which there are few. The same points give the same map.
 */
export function flattened(vectors: readonly Vector[]): [number, number][] {
  const centre = mean(vectors);
  const centred = vectors.map((vector) => vector.map((value, at) => value - (centre[at] ?? 0)));
  const gram = centred.map((one) => centred.map((other) => dot(one, other)));
  const first = principal(gram);
  const rest = gram.map((row, at) =>
    row.map((value, of) => value - first.value * (first.vector[at] ?? 0) * (first.vector[of] ?? 0)),
  );
  const second = principal(rest);
  return vectors.map((_vector, at) => [along(first, at), along(second, at)]);
}

type Principal = { value: number; vector: Vector };

function principal(matrix: readonly Vector[]): Principal {
  let vector: Vector = matrix.map((_row, at) => 1 / (at + 1));
  let value = 0;
  for (let turn = 0; turn < 200; turn++) {
    const next = matrix.map((row) => dot(row, vector));
    value = Math.hypot(...next);
    if (value < 1e-12) return { value: 0, vector };
    vector = next.map((one) => one / value);
  }
  return { value, vector };
}

function along({ value, vector }: Principal, at: number): number {
  return Math.sqrt(value) * (vector[at] ?? 0);
}

function dot(one: Vector, other: Vector): number {
  return one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0);
}

function mean(vectors: readonly Vector[]): Vector {
  const [first = []] = vectors;
  return first.map((_value, at) => vectors.reduce((sum, vector) => sum + (vector[at] ?? 0), 0) / vectors.length);
}
