import { Buffer } from 'node:buffer';
import type { CreateContext } from '../../../smb/codec/files/create-contexts.ts';
import type { Guid } from '../../../../base/guid.ts';
import { Fields } from '../../../smb/codec/protocol/fields.ts';
import type { Sender } from '../../../smb/contract/smb-errors.ts';
import { structure } from '../layout/structure.ts';

/** Name of the context: the GUID 9ecfcb9c-c104-43e6-980e-158da1f6ec83 (MS-SMB2 2.2.13.2.14). */
export const DEVICE_CONTEXT = Buffer.from('9ccbcf9e04c1e643980e158da1f6ec83', 'hex').toString(
  'latin1',
);

/** Originator that opens the disk as a virtual SCSI disk, or the file below it. */
export const ORIGINATOR = { disk: 1, file: 4 } as const;

/** Maximum bytes of the host name. */
const HOST_NAME_BYTES = 126;
const HOST_NAME_AT = 42;

const V1 = {
  version: [0, 'u32', 'Version: 1 or 2'],
  hasInitiator: [4, 'u8', 'HasInitiatorId: 1 if InitiatorId is valid, else 0'],
  initiatorId: [8, 'guid', 'InitiatorId'],
  flags: [24, 'u32', 'Flags of the application'],
  originator: [28, 'u32', 'OriginatorFlags: 1 virtual SCSI disk, 4 the file below'],
  requestId: [32, 'u64', 'OpenRequestId: the number of the last tunnel request'],
  hostNameLength: [40, 'u16', 'InitiatorHostNameLength in bytes; the name follows at 42'],
} as const;

const CONTEXT1 = structure('SVHDX_OPEN_DEVICE_CONTEXT', '2.2.4.12', 168, V1);
const CONTEXT2 = structure('SVHDX_OPEN_DEVICE_CONTEXT_V2', '2.2.4.32', 192, {
  ...V1,
  isKnown: [168, 'u32', 'VirtualDiskPropertiesInitialized: the next fields are valid'],
  serverVersion: [172, 'u32', 'ServerServiceVersion'],
  sectorSize: [176, 'u32', 'VirtualSectorSize in bytes'],
  physicalSectorSize: [180, 'u32', 'PhysicalSectorSize in bytes'],
  virtualSize: [184, 'size', 'VirtualSize in bytes'],
});

export const CONTEXT_BYTES = { 1: CONTEXT1.size, 2: CONTEXT2.size } as const;

/** Facts of the disk in an answer of version 2. */
export interface OpenedDisk {
  readonly serverVersion: number;
  readonly sectorSize: number;
  readonly physicalSectorSize: number;
  readonly virtualSize: number;
}

export interface DeviceContext {
  readonly version: number;
  /** 0, 1, or as a client sent it. */
  readonly hasInitiator: number;
  readonly initiatorId: Guid;
  readonly flags: number;
  readonly originator: number;
  readonly requestId: bigint;
  readonly hostName: string;
  /** undefined: version 1, or a request. */
  readonly disk: OpenedDisk | undefined;
}

/** Encodes the context of a request or an answer; its version decides its length. */
export function encodeDeviceContext({ hostName, disk, ...values }: DeviceContext): CreateContext {
  const name = Buffer.from(hostName, 'utf16le').subarray(0, HOST_NAME_BYTES);
  const shared = { ...values, hostNameLength: name.length };
  const unknown = { serverVersion: 0, sectorSize: 0, physicalSectorSize: 0, virtualSize: 0 };
  const data =
    values.version === 1
      ? CONTEXT1.encode(shared)
      : CONTEXT2.encode({ ...shared, isKnown: disk === undefined ? 0 : 1, ...(disk ?? unknown) });
  data.set(name, HOST_NAME_AT);
  return { name: DEVICE_CONTEXT, data };
}

/** Decodes the data of a context. Throws the code of the sender if it is too short for its version. */
export function decodeDeviceContext(data: Uint8Array, sender: Sender): DeviceContext {
  const { hostNameLength, ...first } = CONTEXT1.decode(data, sender);
  if (hostNameLength > HOST_NAME_BYTES) {
    const text = `the host name has ${hostNameLength} bytes, at most ${HOST_NAME_BYTES} fit`;
    throw new Fields(data, CONTEXT1.name, sender, 0).wrong(text);
  }
  const hostName = new Fields(data, CONTEXT1.name, sender, HOST_NAME_AT).utf16(
    hostNameLength & ~1,
    'the host name',
  );
  if (first.version === 1) return { ...first, hostName, disk: undefined };
  const { isKnown, serverVersion, sectorSize, physicalSectorSize, virtualSize } = CONTEXT2.decode(
    data,
    sender,
  );
  const disk =
    isKnown === 0 ? undefined : { serverVersion, sectorSize, physicalSectorSize, virtualSize };
  return { ...first, hostName, disk };
}
