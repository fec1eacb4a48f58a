/**
 * Changes the contents of one image in place. The caller must hold the file exclusively. After a
 * crash the file opens and holds everything up to the last `flush`; each sector written since is old
 * or new. Calls may overlap; they run one after another.
 */
export interface ImageEditor {
  readonly logicalSectorSize: number;
  /** Writes whole sectors at `offset` of the virtual disk. */
  write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Makes whole sectors read as zeros, as TRIM of a guest does. */
  zero(start: number, length: number, signal: AbortSignal): Promise<void>;
  /** Returns when all completed writes survive a loss of power. */
  flush(signal: AbortSignal): Promise<void>;
  /** Flushes. The storage stays open. Writes nothing after a failure. */
  close(): Promise<void>;
}
