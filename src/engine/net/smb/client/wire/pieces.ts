import { Buffer } from 'node:buffer';

/*
 * A received message is a list of pieces, as decryption gives them: its data is copied once, from
 * there to the memory of the reader.
 */
export type Pieces = readonly Buffer[];

export const lengthOf = (pieces: Pieces): number =>
  pieces.reduce((sum, piece) => sum + piece.length, 0);

/** Returns the first bytes in one buffer, at most `count`; a view if one piece has them. */
export function headOf(pieces: Pieces, count: number): Buffer {
  const [first = Buffer.alloc(0)] = pieces;
  if (first.length >= count || pieces.length <= 1) return first.subarray(0, count);
  const head = Buffer.alloc(Math.min(count, lengthOf(pieces)));
  copyOut(pieces, 0, head);
  return head;
}

/** Returns what follows the first `count` bytes. */
function tailOf(pieces: Pieces, count: number): Buffer[] {
  const tail: Buffer[] = [];
  let skip = count;
  for (const piece of pieces) {
    if (skip < piece.length) tail.push(piece.subarray(skip));
    skip = Math.max(0, skip - piece.length);
  }
  return tail;
}

/** Fills `into` with the bytes from `start` on, as far as there are any. */
export function copyOut(pieces: Pieces, start: number, into: Uint8Array): void {
  let at = -start;
  for (const piece of pieces) {
    const from = Math.max(0, -at);
    const to = Math.min(piece.length, into.length - at);
    if (from < to) into.set(piece.subarray(from, to), at + from);
    at += piece.length;
    if (at >= into.length) return;
  }
}

/**
 * Returns pieces of which the first has at least the header of a message: code that reads fields
 * needs them in one buffer.
 */
export function withWholeHead(pieces: Pieces, count: number): Pieces {
  const [first] = pieces;
  if (pieces.length <= 1 || (first !== undefined && first.length >= count)) return pieces;
  return [headOf(pieces, count), ...tailOf(pieces, count)];
}

export const joined = (pieces: Pieces): Buffer =>
  pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
