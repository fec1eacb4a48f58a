import type { Buffer } from 'node:buffer';
import type { Guid } from '../../../../base/guid.ts';
import { written } from '../protocol/body.ts';
import { Fields } from '../protocol/fields.ts';

/*
 * FSCTL_VALIDATE_NEGOTIATE_INFO (MS-SMB2 2.2.31.4, 2.2.32.6), of 3.0 and 3.0.2.
 *   input    u32 capabilities, client GUID, u16 security mode, u16 number of dialects, dialects
 *   output   u32 capabilities, server GUID, u16 security mode, u16 dialect
 */

const MAX_DIALECTS = 64;

/** The NEGOTIATE request as the client recalls it. */
export interface ValidateRequest {
  readonly capabilities: number;
  readonly clientGuid: Guid;
  readonly securityMode: number;
  readonly dialects: readonly number[];
}

/** The NEGOTIATE response as the server recalls it. */
export interface ValidateResponse {
  readonly capabilities: number;
  readonly serverGuid: Guid;
  readonly securityMode: number;
  readonly dialect: number;
}

/** Payloads of the control: encoded and decoded as the input and output of an IOCTL. */
export const VALIDATE_NEGOTIATE = {
  /** Length of the output, in bytes. */
  outputBytes: 24,

  encodeInput({ capabilities, clientGuid, securityMode, dialects }: ValidateRequest): Buffer {
    return written(24 + 2 * dialects.length, (to) => {
      to.u32(capabilities).guid(clientGuid).u16(securityMode).u16(dialects.length);
      for (const dialect of dialects) to.u16(dialect);
    });
  },

  decodeInput(input: Buffer): ValidateRequest {
    const fields = new Fields(input, 'VALIDATE_NEGOTIATE_INFO input', 'smb.request', 0);
    const [capabilities, clientGuid] = [fields.u32(), fields.guid()];
    const [securityMode, count] = [fields.u16(), fields.u16()];
    if (count > MAX_DIALECTS) throw fields.wrong(`${count} dialects, more than ${MAX_DIALECTS}`);
    const dialects = Array.from({ length: count }, () => fields.u16());
    return { capabilities, clientGuid, securityMode, dialects };
  },

  encodeOutput({ capabilities, serverGuid, securityMode, dialect }: ValidateResponse): Buffer {
    return written(24, (to) =>
      to.u32(capabilities).guid(serverGuid).u16(securityMode).u16(dialect),
    );
  },

  decodeOutput(output: Buffer): ValidateResponse {
    const fields = new Fields(output, 'VALIDATE_NEGOTIATE_INFO output', 'smb.answer', 0);
    const [capabilities, serverGuid] = [fields.u32(), fields.guid()];
    return { capabilities, serverGuid, securityMode: fields.u16(), dialect: fields.u16() };
  },
} as const;
