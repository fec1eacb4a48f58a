import type { PathMapping } from '../../../src/engine/api/host.ts';
import type { BackupHost } from '../../../src/engine/backup/host/host.ts';
import type { RawChanges } from '../../../src/engine/backup/host/raw-changes.ts';
import type {
  LocalDisk,
  LocalDisks,
  TrackerState,
} from '../../../src/engine/backup/host/local-disks.ts';
import { mappedFiles } from '../../../src/engine/backup/host/mapped-files.ts';
import type { EngineError } from '../../../src/engine/base/errors.ts';
import { tryParseGuid } from '../../../src/engine/base/guid.ts';
import { openDisk } from '../../../src/engine/disk/chain/open-disk.ts';
import type { ByteSource } from '../../../src/engine/source/byte-source.ts';

/** Wrong answers that a driver gives. */
export interface DriverLies {
  readonly problem?: EngineError;
  readonly tracking?: Partial<TrackerState>;
  /** Replaces an answer of the tracker, or throws. */
  readonly changes?: (answer: RawChanges) => RawChanges;
  /** Changes bytes that were read from the attached disk. */
  readonly read?: (offset: number, into: Uint8Array) => void;
}

/** Disks that are open or attached; zero after each test. */
export const held = { open: 0, attached: 0 };

/**
 * Disks of a lab through an own implementation of the driver's interface, on any system: the bytes are
 * those of the lab's files, the tracker is the lab's.
 */
export function labDisks(
  pathMap: readonly PathMapping[],
  host: Pick<BackupHost, 'queryChanges'>,
  lies: DriverLies = {},
): LocalDisks {
  const files = mappedFiles(pathMap, async () => true);
  return {
    files,
    problem: async () => lies.problem ?? null,
    open: async (hostPath, signal) => {
      const opened = await openDisk(await files.pathOf(hostPath, signal), {}, signal);
      held.open++;
      const [top] = opened.layers;
      const disk: LocalDisk = {
        facts: {
          virtualDiskId: tryParseGuid(top.diskId ?? '') ?? null,
          virtualSize: top.size,
          logicalSectorSize: top.logicalSectorSize,
          physicalSectorSize: top.physicalSectorSize ?? null,
          format: top.format as LocalDisk['facts']['format'],
        },
        tracking: async () => ({
          enabled: true,
          newerChanges: false,
          mostRecentId: 'rctX:newest',
          ...lies.tracking,
        }),
        queryChanges: async (...args) => {
          const answer = await host.queryChanges(hostPath, ...args);
          return lies.changes?.(answer) ?? answer;
        },
        attach: async () => {
          held.attached++;
          const source: ByteSource = {
            name: hostPath,
            size: opened.disk.size,
            read: async (offset, into, inner) => {
              await opened.disk.read(offset, into, inner);
              lies.read?.(offset, into);
            },
            close: async () => void held.attached--,
          };
          return source;
        },
        close: async () => {
          held.open--;
          await opened.disk.close();
        },
      };
      return disk;
    },
  };
}
