import { ByteReader } from '../../../base/bytes/byte-reader.ts';
import type { Guid } from '../../../base/guid.ts';

/** Calls of the virtdisk.dll of native/doubles, by number (native/doubles/lab-link.h). */
const CALLS = [
  'hello',
  'open',
  'info',
  'set',
  'changes',
  'attach',
  'detach',
  'path',
  'create',
  'close',
] as const;

/** Name of a call, in faults. */
export type VirtdiskCall = (typeof CALLS)[number];

export interface OpenRequest {
  readonly call: 'open';
  /** Path as the caller gave it. */
  readonly path: string;
  /** VIRTUAL_STORAGE_TYPE.DeviceId; 0: that of the file name. */
  readonly deviceId: number;
  readonly flags: number;
  readonly infoOnly: boolean;
  readonly readOnly: boolean;
  /** Opens with the same GUID count as one client. */
  readonly resiliencyGuid: Guid;
}

export interface SetRequest {
  readonly call: 'set';
  readonly version: number;
  /** Depth, sector size or flag. */
  readonly number: number;
  readonly guid: Guid;
  readonly path: string;
}

export interface CreateRequest {
  readonly call: 'create';
  readonly path: string;
  readonly deviceId: number;
  readonly flags: number;
  /** Nil: a new one. */
  readonly uniqueId: Guid;
  readonly size: number;
  /** In bytes; 0: the default. */
  readonly blockSize: number;
  readonly sectorSize: number;
  readonly physicalSectorSize: number;
  /** '' without one. */
  readonly parentPath: string;
  readonly sourcePath: string;
  readonly resiliencyGuid: Guid;
}

export interface ChangesRequest {
  readonly call: 'changes';
  readonly id: string;
  readonly offset: number;
  readonly length: number;
  /** Number of ranges for which the caller has room. */
  readonly room: number;
}

export type VirtdiskRequest =
  | { readonly call: 'hello'; readonly key: string }
  | OpenRequest
  /** `room`: bytes of the caller's buffer. */
  | { readonly call: 'info'; readonly version: number; readonly room: number }
  | SetRequest
  | ChangesRequest
  | { readonly call: 'attach'; readonly flags: number }
  | { readonly call: 'detach' }
  | { readonly call: 'path' }
  | CreateRequest
  | { readonly call: 'close' };

/** Decodes a request. Throws `bytes.range` for a short one, and for calls that do not exist. */
export function decodeRequest(bytes: Uint8Array): VirtdiskRequest {
  const reader = new ByteReader(bytes, 'request of the virtual disk API');
  const call = CALLS[reader.u32()];
  switch (call) {
    case 'hello':
      return { call, key: text(reader) };
    case 'open':
      return {
        call,
        path: text(reader),
        deviceId: reader.u32(),
        flags: reader.u32(),
        infoOnly: reader.u32() !== 0,
        readOnly: reader.u32() !== 0,
        resiliencyGuid: reader.guid(),
      };
    case 'info':
      return { call, version: reader.u32(), room: reader.u32() };
    case 'set':
      return {
        call,
        version: reader.u32(),
        number: reader.u32(),
        guid: reader.guid(),
        path: text(reader),
      };
    case 'changes':
      return {
        call,
        id: text(reader),
        offset: reader.u64('ByteOffset'),
        length: reader.u64('ByteLength'),
        room: reader.u32(),
      };
    case 'attach':
      return { call, flags: reader.u32() };
    case 'create':
      return create(reader);
    case 'detach':
    case 'path':
    case 'close':
      return { call };
    default:
      throw new RangeError('unknown call of the virtual disk API');
  }
}

function create(reader: ByteReader): CreateRequest {
  return {
    call: 'create',
    path: text(reader),
    deviceId: reader.u32(),
    flags: reader.u32(),
    uniqueId: reader.guid(),
    size: reader.u64('MaximumSize'),
    blockSize: reader.u32(),
    sectorSize: reader.u32(),
    physicalSectorSize: reader.u32(),
    parentPath: text(reader),
    sourcePath: text(reader),
    resiliencyGuid: reader.guid(),
  };
}

/** Reads a text of UTF-16 behind the number of its units. */
const text = (reader: ByteReader): string => reader.utf16(reader.u32() * 2);
