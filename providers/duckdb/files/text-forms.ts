import type { ScalarName } from '../../contract/value-type.ts';
import { quoteText } from '../../sql/quoting.ts';
import { datePattern } from './date-format.ts';

/**
 * How a cell is taken for a value of a type: SQL over an expression for the cell, which is not null. `fits` is whether
 * it is exactly such a value, to the last digit; `value` is that value. Where `native` is true the engine's own reader
 * makes the same value of every text that fits.
 */
export type CellForm = { native: boolean; fits(cell: string): string; value(cell: string): string };

const number = '[+-]?(?:[0-9]+[.]?[0-9]*|[.][0-9]+)(?:[eE][+-]?[0-9]+)?';
const notFinite = '[+-]?(?:nan|inf|infinity)';
const day = '[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])';
const time = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{1,6}0*)?';
const zone = '(?:Z|[+-](?:0[0-9]|1[0-5])(?::?[0-5][0-9])?)';
const instant = `${day}(?:[T ]${time}${zone}?)?`;

/** ISO dates and instants, unsigned base64, decimal numbers, `true` and `false` in any letter case. */
export const textForms: Readonly<Record<ScalarName, CellForm>> = {
  BOOL: {
    native: true,
    fits: (cell) => `lower(${cell}) IN ('true', 'false')`,
    value: (cell) => `CAST(${cell} AS BOOLEAN)`,
  },
  INT32: matching('[+-]?[0-9]+', 'INTEGER'),
  INT64: matching('[+-]?[0-9]+', 'BIGINT'),
  FLOAT32: { native: true, fits: (cell) => fitsFloat(cell, 'FLOAT', 7), value: (cell) => `CAST(${cell} AS FLOAT)` },
  FLOAT64: { native: true, fits: (cell) => fitsFloat(cell, 'DOUBLE', 16), value: (cell) => `CAST(${cell} AS DOUBLE)` },
  STRING: { native: true, fits: () => 'true', value: (cell) => cell },
  BYTES: {
    native: false,
    fits: (cell) => `regexp_full_match(${cell}, '(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?')`,
    value: (cell) => `from_base64(${cell})`,
  },
  DATE: matching(day, 'DATE'),
  TIMESTAMP: matching(instant, 'TIMESTAMP WITH TIME ZONE'),
};

function matching(pattern: string, engineType: string): CellForm {
  return {
    native: true,
    fits: (cell) => `regexp_full_match(${cell}, '${pattern}') AND TRY_CAST(${cell} AS ${engineType}) IS NOT NULL`,
    value: (cell) => `CAST(${cell} AS ${engineType})`,
  };
}

/** Whether an instant is told from UTC's by its own offset, which the engine's TIMESTAMP reads past in silence. */
export function hasOffset(cell: string): string {
  return `regexp_matches(${cell}, ':[0-9]{2}(?:[.][0-9]+)?[+-]')`;
}

/** By the author's own format where there is one. */
export function scalarTextForm(name: ScalarName, format?: string): CellForm {
  return format !== undefined && (name === 'DATE' || name === 'TIMESTAMP')
    ? formattedForm(name, format)
    : textForms[name];
}

function formattedForm(type: 'DATE' | 'TIMESTAMP', format: string): CellForm {
  const read = datePattern(format, type);
  const pattern = 'pattern' in read ? read.pattern : '';
  const parsed = (cell: string) => `try_strptime(${cell}, ${quoteText(format)})`;
  return {
    native: false,
    fits: (cell) => `regexp_full_match(${cell}, ${quoteText(pattern)}) AND ${parsed(cell)} IS NOT NULL`,
    value: (cell) => (type === 'DATE' ? `CAST(${parsed(cell)} AS DATE)` : parsed(cell)),
  };
}

/** Numbers whose decimal mark is a comma. */
export function commaForm({ fits, value }: CellForm): CellForm {
  const pointed = (cell: string) => `replace(${cell}, ',', '.')`;
  return {
    native: false,
    fits: (cell) => `NOT contains(${cell}, '.') AND ${fits(pointed(cell))}`,
    value: (cell) => value(pointed(cell)),
  };
}

/**
 * Whether the floating-point number gives the text's digits back: printed with as many as the text has, or as the fewest
 * that tell it from its neighbours, which programs fill up with zeros. Texts of up to `certain` characters always pass:
 * a double keeps every 15 digits and a float every 6.
 */
function fitsFloat(cell: string, engineType: 'DOUBLE' | 'FLOAT', certain: number): string {
  const parsed = `TRY_CAST(${cell} AS ${engineType})`;
  const isShort = `length(${cell}) <= ${certain} AND NOT contains(lower(${cell}), 'e')`;
  // The branches of a CASE, unlike the sides of an OR, are worked out only for the cells that come to them.
  return (
    `(CASE WHEN NOT regexp_full_match(${cell}, '${number}') THEN regexp_full_match(lower(${cell}), '${notFinite}') ` +
    `WHEN ${isShort} THEN true WHEN isfinite(${parsed}) ` +
    `THEN ${keepsDigits(cell, `abs(CAST(${parsed} AS DOUBLE))`)} ELSE false END)`
  );
}

function keepsDigits(cell: string, value: string): string {
  const digits = digitsOf(cell);
  const printed = digitsOf(`printf('%.*e', greatest(length(${digits}) - 1, 0), ${value})`);
  const fewest = `rtrim(${digitsOf(`CAST(${value} AS VARCHAR)`)}, '0')`;
  return `(CASE WHEN ${digits} = '' THEN true ELSE ${printed} = ${digits} OR ${fewest} = rtrim(${digits}, '0') END)`;
}

/** The significant digits of a number's text. */
function digitsOf(text: string): string {
  return `ltrim(regexp_replace(regexp_replace(lower(${text}), 'e.*$', ''), '[-+.]', '', 'g'), '0')`;
}

/** What a text must look like for its type to be guessed: what can't be anything else. */
export const plainTexts = {
  BOOL: (cell: string) => `${cell} IN ('true', 'false')`,
  INT64: (cell: string) => `regexp_full_match(${cell}, '0|-?[1-9][0-9]*') AND ${textForms.INT64.fits(cell)}`,
  FLOAT64: (cell: string) => `regexp_full_match(${cell}, '${plainNumber}') AND ${textForms.FLOAT64.fits(cell)}`,
  DATE: (cell: string) => textForms.DATE.fits(cell),
  TIMESTAMP: (cell: string) => textForms.TIMESTAMP.fits(cell),
} as const satisfies Partial<Record<ScalarName, (cell: string) => string>>;

/** With an exponent only as programs write one, for `12E4` may well be the number of a part. */
const whole = '(?:0|[1-9][0-9]*)';
const plainNumber = `-?(?:${whole}(?:[.][0-9]+)?|[1-9](?:[.][0-9]+)?e[+-][0-9]{2,3}|[1-9][.][0-9]+E-?[0-9]{1,3})`;

/**
 * The length of the fraction of a number that ends in a zero, other than `.0`, and of any fraction, as SQL. Where some
 * end so and not all are as long, two texts may stand for one number, as `1.1` and `1.10` of a version do.
 */
export const fractions = {
  padded: (cell: string) => `regexp_matches(${cell}, '[.][0-9]+0$')`,
  length: (cell: string) => `nullif(length(regexp_extract(${cell}, '[.]([0-9]+)$', 1)), 0)`,
};
