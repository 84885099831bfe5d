import fc from 'fast-check';

const [firstSurrogate, surrogates, codePoints] = [0xd800, 0x800, 0x110000];

/**
 * Each Unicode character, as fast-check's unit `binary` draws and shrinks it. That one writes down all million of them
 * before the first is drawn, which takes a second of every process.
 */
const character = fc.nat(codePoints - surrogates - 1).map(
  (at) => String.fromCodePoint(at < firstSurrogate ? at : at + surrogates),
  (text) => {
    const code = typeof text === 'string' ? text.codePointAt(0) : undefined;
    if (code === undefined || text !== String.fromCodePoint(code)) throw new Error('it is not one character');
    if (code >= firstSurrogate && code < firstSurrogate + surrogates) throw new Error('it is half a character');
    return code < firstSurrogate ? code : code - surrogates;
  },
);

/** Texts of any characters. */
export function anyText(constraints: Omit<fc.StringConstraints, 'unit'> = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: character });
}
