import { mutantsOf } from './mutant.ts';

const rows = ['test/arrow-rows.test.ts'];
const requests = ['test/arrow-requests.test.ts'];

export const arrowMutants = [
  ...mutantsOf('src/values/arrow/flat-table.ts', rows, [
    ['a schema leads to the same field as often as it likes', 'budget.tables-- <= 0', 'false'],
  ]),
  ...mutantsOf('src/values/arrow/arrow-stream.ts', rows, [
    ['buffers share bytes', 'left < 0 || offset', 'offset'],
    ['columns are longer than their batch', 'column.length !== length', 'false'],
  ]),
  ...mutantsOf('src/values/arrow/arrow-values.ts', rows, [
    ['nulls cost nothing', 'spend(left, leastOfValue * (to - from));', ''],
    ['a text costs nothing where it is referred to', "if (typeof text === 'string') spend(left, text.length);", ''],
    ['texts cost nothing', 'spend(left, length);', ''],
    ['a mark of byte order is dropped', 'ignoreBOM: true', 'ignoreBOM: false'],
    ['what is no UTF-8 is replaced', 'fatal: true', 'fatal: false'],
    ['nanoseconds are cut', 'scale === undefined && count % 1_000n !== 0n', 'false'],
    ['a time of day is cut', 'count % dayMilliseconds !== 0n', 'false'],
  ]),
  ...mutantsOf('src/values/arrow/arrow-rows.ts', rows, [
    ['any number of rows is read', 'size > limits.rows', 'false'],
    ['the second column of a name is taken', 'seen.has(name)', 'false'],
  ]),
  ...mutantsOf('server/arrow-request.ts', requests, [
    ['any page may send a form', '!preflightHeaders.some(', 'false && !preflightHeaders.some('],
    ['rows are put in the place of others', '&& holder[last] === null', ''],
    ['a place leads out of the variables', "words[0] === 'variables' && ", ''],
    ['a form of what is not in bulk may be large', 'if (asked.query !== undefined) checkSize(request, limits);', ''],
    ['columns are taken by their order', 'columns[places.get(name) ?? 0]', 'columns[wanted.indexOf(name)]'],
  ]),
  ...mutantsOf('server/multipart.ts', requests, [['a form has any number of parts', 'parts.length === most', 'false']]),
];
