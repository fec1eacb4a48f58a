import type { Buffer } from 'node:buffer';

/**
 * A command of SMB 2: its number, and both directions of its messages. Encoders return the body
 * that follows the header, with offsets for a header of 64 bytes in front of it. Decoders take one whole
 * message, header included (an element of a compound, not the chain), and return views of its
 * bytes. `decodeRequest` throws `smb.request`, `decodeResponse` throws `smb.answer`; both accept
 * bytes behind the last part.
 */
export interface SmbCommand<Request, Response> {
  readonly code: number;
  /** Name as MS-SMB2 writes it, for messages. */
  readonly name: string;
  readonly encodeRequest: (request: Request) => Buffer;
  readonly decodeRequest: (message: Uint8Array) => Request;
  readonly encodeResponse: (response: Response) => Buffer;
  readonly decodeResponse: (message: Uint8Array) => Response;
}

/** The half of a command that a client sends. */
export type SmbRequest<Request> = Pick<
  SmbCommand<Request, never>,
  'code' | 'name' | 'encodeRequest'
>;
