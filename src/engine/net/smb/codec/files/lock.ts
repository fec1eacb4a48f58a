import { Buffer } from 'node:buffer';
import { Body, written } from '../protocol/body.ts';
import type { SmbCommand } from '../protocol/command.ts';
import { COMMAND } from '../protocol/constants.ts';
import { encodeEmpty, type Empty } from '../protocol/empty-body.ts';
import { Fields } from '../protocol/fields.ts';
import type { FileId } from '../protocol/file-id.ts';

/*
 * LOCK (MS-SMB2 2.2.26, 2.2.27).
 *   request   u16 48, u16 number of locks, u32 sequence, file id; locks: u64 offset, u64 length, u32 flags, u32 0
 *   response  u16 4, u16 0
 */

/** Counts the first lock. */
const SIZE = 48;
const FIXED = 24;
const LOCK_BYTES = 24;
const MAX_LOCKS = 64;

export const LOCK_FLAG = { shared: 1, exclusive: 2, unlock: 4, failImmediately: 16 } as const;

export interface LockElement {
  readonly offset: bigint;
  readonly length: bigint;
  readonly flags: number;
}

export interface LockRequest {
  readonly sequence: number;
  readonly fileId: FileId;
  /** 1 to 64. */
  readonly locks: readonly LockElement[];
}

export const LOCK: SmbCommand<LockRequest, Empty> = {
  code: COMMAND.lock,
  name: 'LOCK',

  encodeRequest({ sequence, fileId, locks }) {
    const body = new Body(FIXED);
    body.seek(0).u16(SIZE).u16(locks.length).u32(sequence).fileId(fileId);
    const list = locks.map(({ offset, length, flags }) =>
      written(LOCK_BYTES, (to) => to.u64(offset).u64(length).u32(flags)),
    );
    return Buffer.concat([body.done(), ...list]);
  },

  decodeRequest(message) {
    const fields = new Fields(message, 'LOCK request', 'smb.request').structure(SIZE);
    const count = fields.u16();
    if (count === 0 || count > MAX_LOCKS) {
      throw fields.wrong(`${count} locks, expected 1 to ${MAX_LOCKS}`);
    }
    const [sequence, fileId] = [fields.u32(), fields.fileId()];
    const locks = Array.from({ length: count }, () => {
      const lock = { offset: fields.u64(), length: fields.u64(), flags: fields.u32() };
      fields.skip(4);
      return lock;
    });
    return { sequence, fileId, locks };
  },

  encodeResponse: encodeEmpty,
  decodeResponse(message) {
    new Fields(message, 'LOCK response', 'smb.answer').structure(4);
    return {};
  },
};
