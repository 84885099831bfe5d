/** Text as it stands in a cell of a table: on one line. */
export function inCell(text: string | null | undefined): string {
  return (text ?? '').replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('<', '\\<');
}
