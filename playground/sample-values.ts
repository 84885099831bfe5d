/** Some value of a type, as JSON has it: what a query says until one puts one's own. */
export function sampleValue(type: string): string {
  if (type.endsWith('[]')) return '[]';
  const [, size] = /^VECTOR\((\d+)/.exec(type) ?? [];
  if (size !== undefined) return JSON.stringify(Array.from({ length: Number(size) }, () => 0));
  if (type.startsWith('INT')) return '1';
  if (type.startsWith('FLOAT')) return '1.5';
  if (type === 'BOOL') return 'true';
  if (type === 'DATE') return '"2024-01-02"';
  if (type === 'TIMESTAMP') return '"2024-01-02T12:00:00Z"';
  return type === 'BYTES' ? '"dGV4dA=="' : '"text"';
}
