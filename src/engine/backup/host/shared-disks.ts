import type { Range } from '../../base/range.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import type { LocalDiskFacts } from './disk-facts.ts';
import type { RawChanges } from './raw-changes.ts';

/** Start of the slot of a disk that members of a group share: each holder has it at another one. */
export const SHARED_SLOT = 'shared/';

/** Shared virtual disks (VHD Sets) on file servers, as the RSVD protocol offers them. */
export interface SharedDisks {
  /**
   * Opens a VHD Set read-only, for its snapshots.
   * @param hostPath path of the `.vhds` on the host. Throws `path.*`, `smb.*`, `rsvd.*`.
   */
  open(hostPath: string, signal: AbortSignal): Promise<SharedHostDisk>;
}

/** A VHD Set that is open. */
export interface SharedHostDisk {
  readonly facts: LocalDiskFacts;
  /** Opens a snapshot as the bytes of the virtual disk. Throws `rsvd.snapshot` if it is gone. */
  openSnapshot(id: string, signal: AbortSignal): Promise<ByteSource>;
  /**
   * Yields the parts of a snapshot that are zeros as the server says, in order; unchecked. Throws `rsvd.*`
   * if it does not say so.
   */
  unmapped(id: string, signal: AbortSignal): AsyncIterable<Range>;
  /**
   * Asks once for the ranges of the virtual disk that changed between two snapshots; the answer is
   * unchecked. Throws `host.tracking` if the server does not know them.
   */
  queryChanges(
    limitId: string,
    targetId: string,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): Promise<RawChanges>;
  close(): Promise<void>;
}
