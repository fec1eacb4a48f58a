/**
 * Messages between the vssapi.dll of native/doubles and the lab (native/doubles/vss/lab.h): little-endian, in the frames of the lab's
 * virtual disk API. A text is UTF-16 behind the number of its units.
 */
import { ByteReader } from '../../../base/bytes/byte-reader.ts';
import { ByteWriter } from '../../../base/bytes/byte-writer.ts';
import type { Guid } from '../../../base/guid.ts';

/** Calls, by number. */
const CALLS = [
  'hello',
  'open',
  'metadata',
  'addComponent',
  'startSet',
  'supported',
  'addVolume',
  'prepare',
  'snapshot',
  'status',
  'shadow',
  'succeeded',
  'document',
  'complete',
  'abort',
  'load',
  'openRestore',
  'select',
  'preRestore',
  'fileStatus',
  'postRestore',
  'components',
  'left',
  'cancel',
  'refused',
] as const;

export type VssCall = (typeof CALLS)[number];

/** A request; fields that the call does not have are empty. */
export interface VssRequest {
  readonly call: VssCall;
  /** Component, volume, part of a document, key or method. */
  readonly text: string;
  readonly number: number;
  readonly id: Guid | undefined;
}

const WITH_TEXT: readonly VssCall[] = [
  'hello',
  'addComponent',
  'supported',
  'addVolume',
  'succeeded',
  'load',
  'select',
  'fileStatus',
  'refused',
];
const WITH_NUMBER: readonly VssCall[] = ['succeeded', 'select', 'fileStatus', 'left'];

/** Decodes a request. Throws `bytes.range` for a short one, and for calls that do not exist. */
export function decodeVssRequest(bytes: Uint8Array): VssRequest {
  const reader = new ByteReader(bytes, 'request of vssapi.dll');
  const call = CALLS[reader.u32()];
  if (call === undefined) throw new RangeError('unknown call of vssapi.dll');
  return {
    call,
    text: WITH_TEXT.includes(call) ? reader.utf16(reader.u32() * 2) : '',
    number: WITH_NUMBER.includes(call) ? reader.u32() : 0,
    id: call === 'shadow' ? reader.guid() : undefined,
  };
}

/** Length of a text that is missing. */
const NO_TEXT = 0xff_ff_ff_ff;

/** The body of a reply as it is built. */
export class BodyWriter {
  readonly #parts: Uint8Array[] = [];

  get bytes(): Uint8Array {
    return Buffer.concat(this.#parts);
  }

  number(value: number): this {
    this.#parts.push(new ByteWriter(4).u32(value).bytes);
    return this;
  }

  id(value: Guid): this {
    this.#parts.push(new ByteWriter(16).guid(value).bytes);
    return this;
  }

  text(value: string | null): this {
    if (value === null) return this.number(NO_TEXT);
    this.number(value.length);
    this.#parts.push(new ByteWriter(value.length * 2).utf16(value).bytes);
    return this;
  }

  list<T>(items: readonly T[], write: (item: T) => void): this {
    this.number(items.length);
    items.forEach(write);
    return this;
  }
}
