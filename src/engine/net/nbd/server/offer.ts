import { createHash, timingSafeEqual } from 'node:crypto';
import type { BlockExport } from '../contract/block-export.ts';
import { EXPORT_FLAG, MAX_REQUEST } from '../codec/constants.ts';
import type { ExportFacts } from '../codec/handshake.ts';
import type { BlockSizes } from '../codec/option-answers.ts';

/** The one export of a server. */
export interface Offer {
  readonly disk: BlockExport;
  readonly name: string;
  /** Whether a list contains its name; false if the name works as a password. */
  readonly listed: boolean;
  /** A sentence for people. */
  readonly description: string;
}

/** Requests may begin and end anywhere; whole pages are better. */
export const BLOCK_SIZES: BlockSizes = { minimum: 1, preferred: 4096, maximum: MAX_REQUEST };

export function exportFacts({ disk }: Offer): ExportFacts {
  const { hasFlags, readOnly, sendDf, canMultiConn } = EXPORT_FLAG;
  return { size: disk.size, flags: hasFlags | readOnly | sendDf | canMultiConn };
}

/** Compares a name that a client gave, in a time that does not depend on how much of it is right. */
export function isNameOf(offer: Offer, name: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(name), digest(offer.name));
}
