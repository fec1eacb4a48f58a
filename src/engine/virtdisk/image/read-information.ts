import type {
  WindowsAnswer,
  WindowsDiskInformation,
  WindowsTracking,
} from '../../api/windows/windows-disk.ts';
import { toSafeInteger } from '../../base/bytes/u64.ts';
import type { WindowsHandle } from '../../win32/handles/windows-handle.ts';
import { readWideText, type StructBytes } from '../../win32/types/struct-bytes.ts';
import { describeWindowsError } from '../../win32/words/describe-error.ts';
import { virtdiskError } from '../contract/virtdisk-errors.ts';
import { getInformation } from '../functions/get-information.ts';
import { MAX_RCT_ID } from '../functions/query-changes.ts';
import { formatOfDevice } from '../types/storage-type.ts';

type Kind = keyof WindowsDiskInformation;
type Value<K extends Kind> = WindowsDiskInformation[K] extends WindowsAnswer<infer V> ? V : never;

/** One kind: its number (GET_VIRTUAL_DISK_INFO_*), and how its answer is read. */
interface Row<K extends Kind> {
  readonly version: number;
  readonly read: (answer: StructBytes, used: number) => Value<K>;
}

const SUBTYPES = new Map([
  [2, 'fixed'],
  [3, 'dynamic'],
  [4, 'differencing'],
] as const);

const KINDS: { readonly [K in Kind]: Row<K> } = {
  size: {
    version: 1,
    read: (answer) => ({
      virtualSize: toSafeInteger(answer.uint64('Size.VirtualSize'), 'VirtualSize'),
      physicalSize: toSafeInteger(answer.uint64('Size.PhysicalSize'), 'PhysicalSize'),
      blockSize: answer.uint32('Size.BlockSize'),
      sectorSize: answer.uint32('Size.SectorSize'),
    }),
  },
  identifier: { version: 2, read: (answer) => answer.guid('Identifier') },
  parentLocation: {
    version: 3,
    read: (answer, used) => ({
      resolved: answer.bool('ParentLocation.ParentResolved'),
      paths: textsAt(answer, 'ParentLocation.ParentLocationBuffer', used),
    }),
  },
  parentIdentifier: { version: 4, read: (answer) => answer.guid('ParentIdentifier') },
  parentTimestamp: { version: 5, read: (answer) => answer.uint32('ParentTimestamp') },
  storageType: {
    version: 6,
    read: (answer) => {
      const deviceId = answer.uint32('VirtualStorageType.DeviceId');
      const vendorId = answer.guid('VirtualStorageType.VendorId');
      return { format: formatOfDevice(deviceId), deviceId, vendorId };
    },
  },
  providerSubtype: {
    version: 7,
    read: (answer) => {
      const number = answer.uint32('ProviderSubtype');
      return {
        kind:
          new Map<number, 'fixed' | 'dynamic' | 'differencing'>(SUBTYPES).get(number) ?? 'unknown',
        number,
      };
    },
  },
  is4kAligned: { version: 8, read: (answer) => answer.bool('Is4kAligned') },
  physicalDisk: {
    version: 9,
    read: (answer) => ({
      logicalSectorSize: answer.uint32('PhysicalDisk.LogicalSectorSize'),
      physicalSectorSize: answer.uint32('PhysicalDisk.PhysicalSectorSize'),
      isRemote: answer.bool('PhysicalDisk.IsRemote'),
    }),
  },
  physicalSectorSize: { version: 10, read: (answer) => answer.uint32('VhdPhysicalSectorSize') },
  smallestSafeVirtualSize: {
    version: 11,
    read: (answer) =>
      toSafeInteger(answer.uint64('SmallestSafeVirtualSize'), 'SmallestSafeVirtualSize'),
  },
  fragmentation: { version: 12, read: (answer) => answer.uint32('FragmentationPercentage') },
  isLoaded: { version: 13, read: (answer) => answer.bool('IsLoaded') },
  virtualDiskId: { version: 14, read: (answer) => answer.guid('VirtualDiskId') },
  changeTracking: { version: 15, read: trackingOf },
};

/** Asks for one kind. Throws only what is not an answer of Windows: `virtdisk.answer`, timeouts. */
export async function readKind<K extends Kind>(
  handle: WindowsHandle,
  kind: K,
  signal: AbortSignal,
): Promise<WindowsAnswer<Value<K>>> {
  const { version, read }: Row<K> = KINDS[kind];
  const information = await getInformation(handle, version, signal);
  if ('error' in information) {
    return { ok: false, error: describeWindowsError(information.error) };
  }
  return { ok: true, value: read(information.answer, information.used) };
}

/** Asks for all kinds. */
export async function readAllKinds(
  handle: WindowsHandle,
  signal: AbortSignal,
): Promise<WindowsDiskInformation> {
  const all: Partial<Record<Kind, unknown>> = {};
  for (const kind of Object.keys(KINDS) as Kind[]) all[kind] = await readKind(handle, kind, signal);
  return all as WindowsDiskInformation;
}

function trackingOf(answer: StructBytes, used: number): WindowsTracking {
  const at = answer.offset('ChangeTrackingState.MostRecentId');
  const end = Math.min(answer.bytes.length, at + (MAX_RCT_ID + 1) * 2);
  // Without a text, the answer may end before it.
  const id = used > 0 && used <= at ? '' : readWideText(answer.bytes.subarray(at, end));
  if (id === undefined) {
    throw virtdiskError(
      'virtdisk.answer',
      `Windows gave an ID of change tracking of more than ${MAX_RCT_ID} characters`,
      { data: { call: 'GetVirtualDiskInformation', version: 15 } },
    );
  }
  return {
    enabled: answer.bool('ChangeTrackingState.Enabled'),
    newerChanges: answer.bool('ChangeTrackingState.NewerChanges'),
    mostRecentId: id,
  };
}

/** Texts that follow each other, up to an empty one or the end of the answer. */
function textsAt(answer: StructBytes, field: string, used: number): string[] {
  const found: string[] = [];
  const end = used === 0 ? answer.bytes.length : used;
  for (let at = answer.offset(field); at < end;) {
    const text = readWideText(answer.bytes.subarray(at, end));
    if (text === undefined || text === '') break;
    found.push(text);
    at += (text.length + 1) * 2;
  }
  return found;
}
