import type { Buffer } from 'node:buffer';
import type { Pieces } from '../wire/pieces.ts';
import type { Fact } from './fact-lines.ts';
import type { KnownNames } from './known-names.ts';

/** A request in words. */
export interface RequestWords {
  /** Object of the request for one line, such as `a.vhdx: 65536 bytes at 0`; or empty. */
  readonly about?: string;
  readonly facts: readonly Fact[];
  /** The request may change something on the server. */
  readonly changes?: boolean;
  /** Reads the facts of a successful answer, and keeps the names that it gives. */
  readonly answered?: (message: AnswerMessage) => readonly Fact[];
}

/** An answer as it was received, decrypted. */
export interface AnswerMessage {
  readonly treeId: number;
  readonly pieces: Pieces;
}

/**
 * Words for the messages of one command. They hold names and numbers only: no data of files, no tokens of
 * logins, no keys. May throw for a message that is not valid.
 */
export type CommandWords = (message: Buffer, names: KnownNames) => RequestWords;

/** Stands in for bytes that a recording does not have. */
export const removed = (bytes: number): string => `${bytes} bytes (removed)`;
