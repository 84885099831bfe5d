import { turn } from '../../turns.ts';
import { type ArrowColumn, type ArrowDictionary, columnOf, partsOf } from './arrow-column.ts';
import { type ArrowField, type ArrowType, dictionariesOf, fieldsOf } from './arrow-schema.ts';
import { Damaged, FlatTable } from './flat-table.ts';

export type ArrowBatch = { length: number; columns: ArrowColumn[] };

export class Compressed extends Error {}

type Message = { kind: number; header: FlatTable; body: Uint8Array };

const kinds = { schema: 1, dictionary: 2, batch: 3 };
const magic = Buffer.from('ARROW1\0\0');
/** The first version whose buffers are written as they are today, of 2017. */
const firstVersion = 3;

/**
 * The batches of a table in Arrow's streaming format, or of a file of it, which is the same between a magic word and an
 * index. Its own reader, since that of the library believes what it is told: see docs/decisions/0040-rows-as-arrow.md. What
 * is done at a time is as much as there are bytes for, since each buffer has its own; whoever takes the batches bounds the
 * rows.
 */
export class ArrowStream {
  readonly fields: ArrowField[];
  readonly #isFile: boolean;
  readonly #messages: Generator<Message, undefined>;

  constructor(bytes: Uint8Array) {
    this.#isFile = magic.equals(bytes.subarray(0, magic.length));
    this.#messages = messagesOf(bytes, this.#isFile ? magic.length : 0);
    this.fields = fieldsOf(this.#isFile ? schemaOfFile(bytes) : this.#firstSchema());
  }

  #firstSchema(): FlatTable {
    const { value } = this.#messages.next();
    if (value === undefined || value.kind !== kinds.schema) throw new Damaged('it has no schema');
    return value.header;
  }

  async *batches(): AsyncGenerator<ArrowBatch> {
    const types = this.fields.map(({ type }) => type);
    const texts = dictionariesOf(this.fields);
    const dictionaries = new Map<number, ArrowDictionary>();
    for (const { kind, header, body } of this.#messages) {
      await turn();
      // That of a file stands in its index; most writers write it before the batches too, and some do not.
      if (kind === kinds.schema && this.#isFile) continue;
      if (kind === kinds.batch) yield batchOf(types, header, body, dictionaries);
      else if (kind === kinds.dictionary) takeDictionary(texts, header, body, dictionaries);
      else throw new Damaged(`it has a message of kind ${kind}`);
    }
  }
}

/** At the end, before how long it is and the magic word again. */
function schemaOfFile(bytes: Uint8Array): FlatTable {
  const end = bytes.byteLength - 'ARROW1'.length - 4;
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getInt32(end, true);
  if (length < 4 || length > end) throw new Damaged('it has no index');
  const schema = FlatTable.rootOf(bytes.subarray(end - length, end)).table(1);
  if (schema === undefined) throw new Damaged('its index has no schema');
  return schema;
}

function* messagesOf(bytes: Uint8Array, start: number): Generator<Message, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  const take = (length: number) => {
    if (length < 0 || length > bytes.byteLength - at) throw new Damaged('it ends too early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.byteLength) {
    // Before each length there is a mark, but in what was written before 2019.
    if (view.getInt32(at, true) === -1) at += 4;
    const length = view.getInt32(at, true);
    at += 4;
    if (length === 0) return undefined;
    const message = FlatTable.rootOf(take(length));
    const header = message.table(2);
    if (header === undefined || message.short(0, 0) < firstVersion) throw new Damaged('it has a message of no use');
    yield { kind: message.byte(1, 0), header, body: take(message.long(3)) };
  }
  return undefined;
}

function takeDictionary(
  types: ReadonlyMap<number, ArrowType>,
  header: FlatTable,
  body: Uint8Array,
  dictionaries: Map<number, ArrowDictionary>,
): void {
  const id = header.long(0);
  const type = types.get(id);
  const data = header.table(1);
  if (type === undefined || data === undefined) throw new Damaged('it has a dictionary of nothing');
  if (header.byte(2, 0) !== 0) throw new Damaged('it has a dictionary in parts');
  const [column] = batchOf([type], data, body, dictionaries).columns;
  if (column !== undefined) dictionaries.set(id, { column });
}

function batchOf(
  types: readonly ArrowType[],
  header: FlatTable,
  body: Uint8Array,
  dictionaries: ReadonlyMap<number, ArrowDictionary>,
): ArrowBatch {
  if (header.table(3) !== undefined) throw new Compressed();
  const length = header.long(0);
  const parts = types.map(partsOf);
  const nodes = header.pairs(
    1,
    parts.reduce((sum, one) => sum + one.nodes, 0),
  );
  const regions = header.pairs(
    2,
    parts.reduce((sum, one) => sum + one.buffers, 0),
  );
  const given = { nodes: nodes.values(), buffers: buffersOf(regions, body).values(), dictionaries };
  const columns = types.map((type) => columnOf(type, given));
  if (columns.some((column) => column.length !== length)) throw new Damaged('its columns are not of one length');
  return { length, columns };
}

/** Together no more than the body: bytes that several buffers share would be read as often. */
function buffersOf(regions: readonly [offset: number, length: number][], body: Uint8Array): Uint8Array[] {
  let left = body.byteLength;
  return regions.map(([offset, length]) => {
    left -= length;
    if (left < 0 || offset + length > body.byteLength) throw new Damaged('its buffers are longer than it is');
    return body.subarray(offset, offset + length);
  });
}
