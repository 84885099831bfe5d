/** A part of a multipart form: its name, whether it is a file, and its bytes. */
export type FormPart = { name: string; isFile: boolean; bytes: Buffer };

/** How many bytes the headers of a part may have. */
const mostOfHeaders = 2_048;
const separator = Buffer.from('\r\n\r\n');

/**
 * The parts of a body of `multipart/form-data` (https://www.rfc-editor.org/rfc/rfc7578), where they are no more than so
 * many; undefined where it is none, or has more. Nothing is copied, and each byte is looked at once: what reads any form
 * would be kept busy by one with a hundred thousand parts, or with headers of megabytes.
 */
export function partsOfForm(body: Buffer, contentType: string, most: number): FormPart[] | undefined {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? [];
  const delimiter = Buffer.from(`--${quoted ?? plain}`, 'latin1');
  if (delimiter.length === 2 || !body.subarray(0, delimiter.length).equals(delimiter)) return undefined;
  const next = Buffer.concat([Buffer.from('\r\n'), delimiter]);
  const parts: FormPart[] = [];
  for (let at = delimiter.length; !body.subarray(at, at + 2).equals(Buffer.from('--')); ) {
    const end = body.indexOf(next, at);
    const part = end < 0 || parts.length === most ? undefined : partOf(body.subarray(at, end));
    if (part === undefined) return undefined;
    parts.push(part);
    at = end + next.length;
  }
  return parts;
}

function partOf(bytes: Buffer): FormPart | undefined {
  const end = bytes.subarray(0, mostOfHeaders).indexOf(separator);
  if (end < 0) return undefined;
  const headers = bytes.toString('utf8', 0, end);
  const [, disposition] = /^content-disposition:\s*form-data\s*;([^\r\n]*)$/im.exec(headers) ?? [];
  const [, name] = /(?:^|;)\s*name="([^"]*)"/i.exec(disposition ?? '') ?? [];
  if (name === undefined) return undefined;
  return { name, isFile: /;\s*filename\*?=/i.test(disposition ?? ''), bytes: bytes.subarray(end + separator.length) };
}
