import { tryParseGuid } from '../../../src/engine/base/guid.ts';
import type { RawChanges } from '../../../src/engine/backup/host/raw-changes.ts';
import type {
  WindowsAnswer,
  WindowsDiskInformation,
  WindowsTracking,
} from '../../../src/engine/api/windows/windows-disk.ts';
import { openDisk } from '../../../src/engine/disk/chain/open-disk.ts';
import type {
  OpenImage,
  OpenVirtualDisk,
} from '../../../src/engine/virtdisk/contract/virtual-disk.ts';
import { virtdiskError } from '../../../src/engine/virtdisk/contract/virtdisk-errors.ts';

/** What was asked of the images, and what they have open. */
export interface ImageHandles {
  readonly open: OpenVirtualDisk;
  readonly opened: readonly OpenImage[];
  readonly held: { handles: number; attached: number };
}

export interface ImageAnswers {
  readonly tracking?: WindowsTracking;
  /** Replaces kinds of information. */
  readonly information?: Partial<WindowsDiskInformation>;
  readonly changes?: (rctId: string, offset: number, length: number) => RawChanges;
}

/** Opens real images by our own reader through the interface of Windows' virtual disk API. */
export function imageHandles(answers: ImageAnswers = {}): ImageHandles {
  const opened: OpenImage[] = [];
  const held = { handles: 0, attached: 0 };
  let tracking = answers.tracking ?? { enabled: false, newerChanges: false, mostRecentId: '' };
  const open: OpenVirtualDisk = async (image, signal) => {
    opened.push(image);
    const { disk, layers, format } = await openDisk(image.path, {}, signal);
    held.handles++;
    const close = async (): Promise<void> => {
      held.handles--;
      await disk.close();
    };
    const [top] = layers;
    const needs = (access: OpenImage['access']): void => {
      if (image.access !== access)
        throw virtdiskError('virtdisk.argument', `opened without ${access}`);
    };
    return {
      path: image.path,
      access: image.access,
      information: async () => ({
        size: ok({
          virtualSize: disk.size,
          physicalSize: top.fileSize,
          blockSize: top.blockSize ?? 0,
          sectorSize: disk.logicalSectorSize,
        }),
        identifier: ok(top.diskId ?? ''),
        parentLocation: INVALID,
        parentIdentifier: INVALID,
        parentTimestamp: INVALID,
        storageType: ok({ format: format as 'vhdx', deviceId: 3, vendorId: '' }),
        providerSubtype: ok({ kind: top.subformat ?? 'unknown', number: 3 }),
        is4kAligned: ok(true),
        physicalDisk: INVALID,
        physicalSectorSize: ok(top.physicalSectorSize ?? 4096),
        smallestSafeVirtualSize: ok(disk.size),
        fragmentation: ok(0),
        isLoaded: ok(false),
        virtualDiskId: ok(tryParseGuid(top.diskId ?? '') ?? ''),
        changeTracking: ok(tracking),
        ...answers.information,
      }),
      tracking: async () => tracking,
      setTracking: async (on) => {
        needs('write');
        tracking = { enabled: on, newerChanges: false, mostRecentId: on ? 'rctX:1' : '' };
      },
      set: () => Promise.reject(new Error('not asked for')),
      queryChanges: async (rctId, offset, length) => {
        needs('read');
        return answers.changes?.(rctId, offset, length) ?? { processed: length, ranges: [] };
      },
      changes: () => {
        throw new Error('not asked for');
      },
      attach: () => Promise.reject(new Error('not asked for')),
      attachAsDisk: async () => {
        needs('read');
        held.attached++;
        const detach = async (): Promise<void> => void held.attached--;
        return {
          physicalPath: '\\\\.\\PhysicalDrive7',
          detach,
          [Symbol.asyncDispose]: detach,
        };
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  };
  return { open, opened, held };
}

const ok = <Value>(value: Value): WindowsAnswer<Value> => ({ ok: true, value });

const INVALID = {
  ok: false,
  error: {
    number: 0xc0_3a_00_1b,
    hex: '0xC03A001B',
    name: 'ERROR_VHD_INVALID_TYPE',
    meaning: 'The disk has another type.',
    remedy: '',
  },
} as const;
