import type { ScalarName, ValueType } from '../../contract/value-type.ts';
import { type CellForm, plainTexts, scalarTextForm, textForms } from './text-forms.ts';

/** The kinds of value that JSON has, as the engine's `json_type` names them. */
const kinds = {
  number: `('BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE')`,
  whole: `('BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT')`,
  /** Those whose text the engine's JSON keeps. */
  kept: `('VARCHAR', 'BOOLEAN', 'BIGINT', 'UBIGINT')`,
};

const text = (cell: string) => `(${cell} ->> '$')`;
const isText = (cell: string) => `json_type(${cell}) = 'VARCHAR'`;
const isWhole = (cell: string) => `json_type(${cell}) IN ${kinds.whole}`;

/** A cell is an expression of the engine's JSON type. Dates, instants and bytes are texts, as `textForms` has them. */
const scalarForms: Readonly<Record<ScalarName, CellForm>> = {
  BOOL: {
    native: true,
    fits: (cell) => `json_type(${cell}) = 'BOOLEAN'`,
    value: (cell) => `CAST(${cell} AS BOOLEAN)`,
  },
  INT32: wholeForm('INT32'),
  INT64: wholeForm('INT64'),
  FLOAT32: numberForm('FLOAT32'),
  FLOAT64: numberForm('FLOAT64'),
  STRING: { native: true, fits: (cell) => `json_type(${cell}) IN ${kinds.kept}`, value: text },
  BYTES: inText(textForms.BYTES),
  DATE: inText(textForms.DATE),
  TIMESTAMP: inText(textForms.TIMESTAMP),
};

/** Beyond 2^53, where many readers of JSON round, a whole number may be a text of digits. */
function wholeForm(name: 'INT32' | 'INT64'): CellForm {
  const { fits, value } = textForms[name];
  const digits = (cell: string) => `(${isText(cell)} AND regexp_full_match(${text(cell)}, '-?[0-9]{1,19}'))`;
  return {
    native: true,
    fits: (cell) => `((${isWhole(cell)} OR ${digits(cell)}) AND ${fits(text(cell))})`,
    value: (cell) => value(text(cell)),
  };
}

/** What JSON has no numbers for (NaN, the infinities, the negative zero) are texts. */
function numberForm(name: 'FLOAT32' | 'FLOAT64'): CellForm {
  const { fits, value } = textForms[name];
  const special = (cell: string) => `(${isText(cell)} AND ${text(cell)} IN ('NaN', 'Infinity', '-Infinity', '-0'))`;
  return {
    native: true,
    fits: (cell) => `((json_type(${cell}) IN ${kinds.number} AND ${fits(text(cell))}) OR ${special(cell)})`,
    value: (cell) => value(text(cell)),
  };
}

function inText({ fits, value }: CellForm): CellForm {
  return {
    native: false,
    fits: (cell) => `(${isText(cell)} AND ${fits(text(cell))})`,
    value: (cell) => value(text(cell)),
  };
}

export function jsonForm(type: ValueType, format?: string): CellForm {
  if (type.kind === 'SCALAR') return scalarJsonForm(type.name, format);
  const element = scalarJsonForm(type.kind === 'ARRAY' ? type.element : 'FLOAT32', format);
  const elements = (cell: string) => `TRY_CAST(${cell} AS JSON[])`;
  const isNull = (one: string) => `(${one} IS NULL OR json_type(${one}) = 'NULL')`;
  return {
    native: false,
    fits: (cell) =>
      `(json_type(${cell}) = 'ARRAY' AND len(list_filter(${elements(cell)}, one -> NOT (${isNull('one')} OR ${element.fits('one')}))) = 0)`,
    value: (cell) =>
      `list_transform(${elements(cell)}, one -> CASE WHEN NOT ${isNull('one')} THEN ${element.value('one')} END)`,
  };
}

function scalarJsonForm(name: ScalarName, format?: string): CellForm {
  return format === undefined ? scalarForms[name] : inText(scalarTextForm(name, format));
}

/** What a cell must look like for its type to be guessed. A text that looks like a number is a text. */
export const plainJson = {
  BOOL: scalarForms.BOOL.fits,
  INT64: (cell: string) => `(${isWhole(cell)} AND ${scalarForms.INT64.fits(cell)})`,
  FLOAT64: (cell: string) => `(json_type(${cell}) IN ${kinds.number} AND ${scalarForms.FLOAT64.fits(cell)})`,
  DATE: (cell: string) => `(${isText(cell)} AND ${plainTexts.DATE(text(cell))})`,
  TIMESTAMP: (cell: string) => `(${isText(cell)} AND ${plainTexts.TIMESTAMP(text(cell))})`,
  STRING: scalarForms.STRING.fits,
};

/** An array as JSON writes it, in a cell of text. */
export function arrayInText(type: ValueType, format?: string): CellForm {
  const { fits, value } = jsonForm(type, format);
  const parsed = (cell: string) => `TRY_CAST(${cell} AS JSON)`;
  const isFloat = type.kind === 'VECTOR' || (type.kind === 'ARRAY' && type.element.startsWith('FLOAT'));
  const element = type.kind === 'ARRAY' && type.element === 'FLOAT64' ? textForms.FLOAT64 : textForms.FLOAT32;
  // JSON's own functions tell a number's value, not its digits.
  const digits = (cell: string) =>
    `len(list_filter(regexp_extract_all(${cell}, '[-+0-9.eE]{7,}'), one -> NOT ${element.fits('one')})) = 0`;
  return {
    native: false,
    fits: (cell) => `(${parsed(cell)} IS NOT NULL AND ${fits(parsed(cell))}${isFloat ? ` AND ${digits(cell)}` : ''})`,
    value: (cell) => value(parsed(cell)),
  };
}
