import {
  CONTEXT_BYTES,
  decodeDeviceContext,
  DEVICE_CONTEXT,
  encodeDeviceContext,
  type DeviceContext,
} from '../../../net/rsvd/codec/open/device-context.ts';
import {
  decodeTargetSpecifier,
  type TargetSpecifier,
} from '../../../net/rsvd/codec/open/target-specifier.ts';
import { SNAPSHOT_TYPE } from '../../../net/rsvd/codec/meta/create-snapshot.ts';
import { isEngineError } from '../../../base/errors.ts';
import {
  CREATE_CONTEXT,
  findCreateContext,
} from '../../../net/smb/codec/files/create-context-kinds.ts';
import type { CreateContext } from '../../../net/smb/codec/files/create-contexts.ts';
import type { CreateRequest } from '../../../net/smb/codec/files/create.ts';
import { STATUS } from '../../../net/smb/status/nt-status.ts';
import { StatusError } from '../../smb/contract/status-error.ts';
import type { SharedDisk } from '../disk/shared-disk.ts';

/** Returns the device context of a request; undefined without one (MS-RSVD 3.2.5.1). */
export function requestedContext(
  { contexts }: CreateRequest,
  version: 1 | 2,
): DeviceContext | undefined {
  const data = findCreateContext(contexts, DEVICE_CONTEXT);
  if (data === undefined) return undefined;
  if (data.length < CONTEXT_BYTES[1]) throw new StatusError(STATUS.bufferTooSmall);
  const asked = data.readUInt32LE(0);
  if (version === 2 && asked === 2 && data.length < CONTEXT_BYTES[2]) {
    throw new StatusError(STATUS.bufferTooSmall);
  }
  if (asked !== 1 && (asked !== 2 || version === 1)) throw new StatusError(STATUS.invalidParameter);
  const context = invalidUnless(() => decodeDeviceContext(data, 'smb.request'));
  if (context.hasInitiator > 1) throw new StatusError(STATUS.invalidParameter);
  return context;
}

/** Returns the snapshot that a request selects; undefined: the disk itself (3.2.5.7). */
export function requestedTarget(
  { contexts }: CreateRequest,
  version: 1 | 2,
): TargetSpecifier | undefined {
  const data = findCreateContext(contexts, CREATE_CONTEXT.extendedAttributes);
  if (data === undefined || version === 1) return undefined;
  const target = invalidUnless(() => decodeTargetSpecifier(data, 'smb.request'));
  if (target === undefined) return undefined;
  const { namespace, snapshotType } = target;
  const { vm, writeable } = SNAPSHOT_TYPE;
  if (namespace !== 0 || (snapshotType !== vm && snapshotType !== writeable)) {
    throw new StatusError(STATUS.invalidParameter);
  }
  return target;
}

/** Returns the context of the answer, in the version of the request. */
export async function answerContext(
  context: DeviceContext,
  disk: SharedDisk,
  serverVersion: 1 | 2,
): Promise<CreateContext> {
  if (context.version === 1) return encodeDeviceContext({ ...context, disk: undefined });
  const { sectorSize, physicalSectorSize, size } = await disk.facts();
  const facts = { serverVersion, sectorSize, physicalSectorSize, virtualSize: size };
  return encodeDeviceContext({ ...context, disk: facts });
}

function invalidUnless<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (isEngineError(error, 'smb.request')) throw new StatusError(STATUS.invalidParameter);
    throw error;
  }
}
