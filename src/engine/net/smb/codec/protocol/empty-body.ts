import type { Buffer } from 'node:buffer';
import { Body } from './body.ts';
import type { SmbCommand } from './command.ts';
import { Fields } from './fields.ts';

/** A body without fields: u16 size, 4; u16 reserved. */
export type Empty = Readonly<Record<string, never>>;

const SIZE = 4;
const EMPTY: Empty = {};

export const encodeEmpty = (): Buffer => new Body(SIZE).u16(0).done();

/** Returns a command whose request and response have no fields. */
export function emptyCommand(code: number, name: string): SmbCommand<Empty, Empty> {
  return {
    code,
    name,
    encodeRequest: encodeEmpty,
    decodeRequest(message) {
      new Fields(message, `${name} request`, 'smb.request').structure(SIZE);
      return EMPTY;
    },
    encodeResponse: encodeEmpty,
    decodeResponse(message) {
      new Fields(message, `${name} response`, 'smb.answer').structure(SIZE);
      return EMPTY;
    },
  };
}
