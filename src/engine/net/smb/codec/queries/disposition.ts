import { Buffer } from 'node:buffer';

/** FileDispositionInformation (MS-FSCC 2.4.11): u8, 1 removes the file at its last close. */
export const encodeDisposition = (remove: boolean): Buffer => Buffer.from([remove ? 1 : 0]);
