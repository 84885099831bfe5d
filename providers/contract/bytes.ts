/** The same bytes, as what Node writes and compares: seen, not copied, which takes a millisecond for each megabyte. */
export function bufferOf({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
