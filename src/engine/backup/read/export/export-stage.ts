/**
 * The exports that one run has the host write. A differential export contains the changes of every
 * disk at once. If it cannot be used for a disk, because the parent in the store is damaged or the
 * tracker missed a change, the whole disk comes from a second, full export. It lies in a folder
 * below the first, so that both are removed together.
 */
import { isEngineError } from '../../../base/errors.ts';
import type { Guid } from '../../../base/guid.ts';
import { openImage } from '../../../disk/chain/open-as.ts';
import { backupError } from '../../errors/backup-errors.ts';
import { exportedFile } from './exported-file.ts';
import type { BackupHost, HostDisk } from '../../host/host.ts';
import type { HostFiles } from '../../host/host-files.ts';

/**
 * Errors by which the host refuses this export. Others, such as a lost connection, are not a
 * refusal.
 */
const REFUSALS = ['host.method', 'host.job.failed', 'host.tracking'] as const;
/** Maximum length of the host's message that is kept as evidence. */
const MAX_WORDS = 1000;

export interface ExportOrder {
  readonly vmId: Guid;
  readonly checkpointId: string;
  /** Folder on the host that this run created for itself. */
  readonly directory: string;
  readonly files: HostFiles;
}

export class ExportStage {
  readonly #host: BackupHost;
  readonly #order: ExportOrder;
  /** Set once the host has exported the disks in full. */
  #full: string | undefined;
  #differential = false;
  /** Whether the run's folder already has contents. */
  #used = false;

  constructor(host: BackupHost, order: ExportOrder) {
    this.#host = host;
    this.#order = order;
  }

  /** Whether there is an export of the changes since the parent's reference point. */
  get differential(): boolean {
    return this.#differential;
  }

  /**
   * Exports the changes since a reference point. Throws `export.refused` if the host refuses; a
   * full export may still work.
   */
  async exportChanges(baseReferencePointId: string, signal: AbortSignal): Promise<void> {
    const { vmId, checkpointId, directory } = this.#order;
    this.#used = true;
    try {
      const request = { checkpointId, directory, baseReferencePointId };
      await this.#host.exportCheckpoint(vmId, request, signal);
    } catch (error) {
      if (!isEngineError(error, ...REFUSALS)) throw error;
      throw backupError(
        'export.refused',
        `The host refused to export the changes since the last point: ${error.message.slice(0, MAX_WORDS)}`,
        { data: { referencePoint: baseReferencePointId, code: error.code }, cause: error },
      );
    }
    this.#differential = true;
  }

  /** Exports every disk in full, once. */
  async exportFull(signal: AbortSignal): Promise<string> {
    if (this.#full !== undefined) return this.#full;
    const { vmId, checkpointId } = this.#order;
    const directory = this.#used ? `${this.#order.directory}\\full` : this.#order.directory;
    this.#used = true;
    const request = { checkpointId, directory, baseReferencePointId: null };
    await this.#host.exportCheckpoint(vmId, request, signal);
    this.#full = directory;
    return directory;
  }

  /** Returns the file with a disk's changes in the differential export. */
  async changesOf(disk: HostDisk, signal: AbortSignal): Promise<string> {
    return exportedFile(this.#order.directory, disk, this.#order.files, signal);
  }

  /**
   * Returns the file with the whole disk: from the first export if the host wrote it in full,
   * or else from a full export.
   */
  async wholeOf(disk: HostDisk, signal: AbortSignal): Promise<string> {
    if (this.#differential && this.#full === undefined) {
      const written = await this.#wholeInFirst(disk, signal);
      if (written !== undefined) return written;
    }
    return exportedFile(await this.exportFull(signal), disk, this.#order.files, signal);
  }

  async #wholeInFirst(disk: HostDisk, signal: AbortSignal): Promise<string | undefined> {
    let file: string;
    try {
      file = await this.changesOf(disk, signal);
    } catch (error) {
      if (isEngineError(error, 'export.missing')) return undefined;
      throw error;
    }
    const { access } = this.#order.files;
    const image = await openImage(file, signal, { open: access.open.bind(access) });
    await image.close();
    return image.parent === undefined ? file : undefined;
  }
}
