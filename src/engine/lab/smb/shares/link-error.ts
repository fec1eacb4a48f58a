import { Buffer } from 'node:buffer';
import fs from 'node:fs/promises';
import { utf16, written } from '../../../net/smb/codec/protocol/body.ts';
import { DIALECT } from '../../../net/smb/codec/protocol/constants.ts';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';

/*
 * Symbolic Link Error Response (MS-SMB2 2.2.2.2.1), in 3.1.1 within an error context (2.2.2.1):
 *   u32 length of what follows, u32 "SYML", u32 reparse tag, u16 length of the reparse data, u16 bytes
 *   of the path that was not parsed, u16 offset and length of the substitute name, u16 offset and
 *   length of the print name, u32 flags (1 = relative); names
 */

const SYMLINK_TAG = 0xa000_000c;
const SIGNATURE = 0x4c4d_5953;
const RELATIVE = 1;
const MAX_TARGET = 2048;

/** Returns the answer to a name that leads through a link: it names the target, which is not followed. */
export async function linkError(
  link: string,
  rest: readonly string[],
  dialect: number,
): Promise<StatusError> {
  const target = await fs.readlink(link).catch(() => '');
  const text = utf16(target.replaceAll('/', '\\').slice(0, MAX_TARGET));
  const unparsed = rest.length === 0 ? 0 : utf16(`\\${rest.join('\\')}`).length;
  const data = written(28 + 2 * text.length, (to) => {
    to.u32(24 + 2 * text.length)
      .u32(SIGNATURE)
      .u32(SYMLINK_TAG);
    to.u16(12 + 2 * text.length).u16(unparsed);
    to.u16(0).u16(text.length).u16(text.length).u16(text.length);
    to.u32(target.startsWith('/') ? 0 : RELATIVE);
    to.put(text).put(text);
  });
  if (dialect !== DIALECT.smb311) return new StatusError(STATUS.stoppedOnSymlink, data);
  const head = written(8, (to) => to.u32(data.length).u32(0));
  return new StatusError(STATUS.stoppedOnSymlink, Buffer.concat([head, data]), 1);
}
