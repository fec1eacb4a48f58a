import { Buffer } from 'node:buffer';
import type { Sender } from '../../contract/smb-errors.ts';
import { alignTo8, written } from '../protocol/body.ts';
import { Fields } from '../protocol/fields.ts';

/*
 * Contexts of CREATE (MS-SMB2 2.2.13.2), each at a multiple of eight:
 *   u32 offset of the next one, u16 offset and u16 length of the name, u16 0, u16 offset and u32 length of
 *   the data; name, pad to 8, data. Offsets count from the context.
 */

const HEAD = 16;
const MAX_CONTEXTS = 32;
const MAX_NAME = 64;

export interface CreateContext {
  /** Bytes as characters (latin1): four letters, or the 16 bytes of a GUID. */
  readonly name: string;
  readonly data: Buffer;
}

/** Returns the contexts as one part of a body, which begins at a multiple of eight. */
export function encodeCreateContexts(contexts: readonly CreateContext[]): Buffer {
  return Buffer.concat(
    contexts.map(({ name, data }, at) => {
      const start = alignTo8(HEAD + name.length);
      const length = data.length === 0 ? HEAD + name.length : start + data.length;
      const last = at === contexts.length - 1;
      const whole = last ? length : alignTo8(length);
      return written(whole, (to) => {
        to.u32(last ? 0 : whole)
          .u16(HEAD)
          .u16(name.length);
        to.u16(0)
          .u16(data.length === 0 ? 0 : start)
          .u32(data.length);
        to.put(Buffer.from(name, 'latin1'));
        if (data.length > 0) to.seek(start).put(data);
      });
    }),
  );
}

/** Decodes the part of a body that holds contexts. Throws the code of the sender. */
export function decodeCreateContexts(list: Buffer, sender: Sender): CreateContext[] {
  const contexts: CreateContext[] = [];
  for (let start = 0; start < list.length;) {
    const own = list.subarray(start);
    const fields = new Fields(own, 'CREATE context', sender, 0);
    if (contexts.length === MAX_CONTEXTS) throw fields.wrong(`more than ${MAX_CONTEXTS} of them`);
    const next = fields.u32();
    const [nameOffset, nameLength] = [fields.u16(), fields.u16()];
    const dataOffset = fields.skip(2).u16();
    const dataLength = fields.u32();
    if (nameLength > MAX_NAME) throw fields.wrong(`its name has ${nameLength} bytes`);
    const name = fields.part(nameOffset, nameLength, 'the name').toString('latin1');
    contexts.push({ name, data: fields.part(dataOffset, dataLength, 'the data') });
    if (next === 0) break;
    if (next < HEAD || next % 8 !== 0 || next >= own.length) {
      throw fields.wrong(`Next is ${next} in ${own.length} bytes`);
    }
    start += next;
  }
  return contexts;
}
