import type { Buffer } from 'node:buffer';
import type { ByteWriter } from '../../../../base/bytes/byte-writer.ts';
import type { Guid } from '../../../../base/guid.ts';
import { written } from '../../../smb/codec/protocol/body.ts';
import { Fields } from '../../../smb/codec/protocol/fields.ts';
import type { Sender } from '../../../smb/contract/smb-errors.ts';

/** Values of the kinds of fields. All integers are little-endian. */
interface FieldValues {
  u8: number;
  u16: number;
  u32: number;
  /** Opaque number of 64 bits. */
  u64: bigint;
  /** Offset or length in bytes; a safe integer. */
  size: number;
  guid: Guid;
}
type FieldKind = keyof FieldValues;

const SIZES: Readonly<Record<FieldKind, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  size: 8,
  guid: 16,
};

/** A field: offset in bytes, kind, meaning. Bytes between fields are reserved: written as 0, not read. */
type Row = readonly [offset: number, kind: FieldKind, help: string];
type Rows = Readonly<Record<string, Row>>;
type Values<R extends Rows> = { readonly [Name in keyof R]: FieldValues[R[Name][1]] };

/** A structure of fixed size, as a table of its fields. */
export interface Structure<R extends Rows = Rows> {
  readonly name: string;
  readonly section: string;
  /** Bytes of the structure. A variable part may follow. */
  readonly size: number;
  readonly fields: R;
  encode(values: Values<R>): Buffer;
  /**
   * Decodes the structure at the start of `bytes`; more may follow. Throws the code of the sender if it
   * is cut.
   */
  decode(bytes: Uint8Array, sender: Sender): Values<R>;
}

/**
 * Creates the codec of a structure from the table of one section of MS-RSVD.
 * @param size bytes, reserved ones at the end included
 */
export function structure<const R extends Rows>(
  name: string,
  section: string,
  size: number,
  rows: R,
): Structure<R> {
  const fields = Object.entries<Row>(rows);
  return {
    name,
    section: `MS-RSVD ${section}`,
    size,
    fields: rows,
    encode: (values) =>
      written(size, (to) => {
        for (const [field, [offset, kind]] of fields) {
          put(to.seek(offset), kind, (values as Values<Rows>)[field] as FieldValues[FieldKind]);
        }
      }),
    decode(bytes, sender) {
      if (bytes.length < size) {
        throw new Fields(bytes, name, sender, 0).wrong(
          `it has ${bytes.length} bytes, expected ${size}`,
        );
      }
      const values = fields.map(([field, [offset, kind]]) => {
        const part = bytes.subarray(0, offset + SIZES[kind]);
        return [field, get(new Fields(part, name, sender, offset), kind, field)] as const;
      });
      return Object.fromEntries(values) as Values<R>;
    },
  };
}

function put(to: ByteWriter, kind: FieldKind, value: FieldValues[FieldKind]): void {
  if (kind === 'guid') to.guid(value as Guid);
  else if (kind === 'size' || kind === 'u64') to.u64(value as bigint | number);
  else to[kind](value as number);
}

function get(from: Fields, kind: FieldKind, field: string): FieldValues[FieldKind] {
  return kind === 'size' ? from.size(field) : from[kind]();
}
