import path from 'node:path';
import { never } from '../../../base/abort.ts';
import { newGuid, parseGuid, type Guid } from '../../../base/guid.ts';
import { replaceFile } from '../../../source/files/atomic-file.ts';
import { readLabFile, type JsonShape } from '../../state/json-file.ts';

/** Tracking of one file. */
interface Tracked {
  readonly trackingId: Guid;
  /** DataWriteGuid of the image after the last write that tracking saw. */
  readonly written: string;
}

interface TrackingFile {
  readonly files: readonly {
    readonly path: string;
    readonly trackingId: string;
    readonly written: string;
  }[];
}

const SHAPE: JsonShape = {
  fields: {
    files: { listOf: { fields: { path: 'text', trackingId: 'text', written: 'text' } } },
  },
};

/**
 * Images that no VM uses and that are tracked, with the identities of their trackers, in
 * `virtdisk-tracking.json` of the lab's folder.
 */
export class LooseTracking {
  readonly #file: string;
  /** By host path in lower case. */
  readonly #tracked = new Map<string, Tracked>();

  private constructor(file: string) {
    this.#file = file;
  }

  static async open(labFolder: string): Promise<LooseTracking> {
    const tracking = new LooseTracking(path.join(labFolder, 'virtdisk-tracking.json'));
    const kept = (await readLabFile(tracking.#file, SHAPE)) as TrackingFile | undefined;
    for (const { path: file, trackingId, written } of kept?.files ?? []) {
      tracking.#tracked.set(file, { trackingId: parseGuid(trackingId), written });
    }
    return tracking;
  }

  /** Returns the tracker's identity of a file; undefined if it is not tracked. */
  idOf(hostPath: string): Guid | undefined {
    return this.#tracked.get(hostPath.toLowerCase())?.trackingId;
  }

  /** Whether the last write to a tracked file was one that tracking saw. */
  sawLastWrite(hostPath: string, written: string): boolean {
    return this.#tracked.get(hostPath.toLowerCase())?.written === written;
  }

  async start(hostPath: string, written: string): Promise<Guid> {
    const trackingId = newGuid();
    this.#tracked.set(hostPath.toLowerCase(), { trackingId, written });
    await this.#save();
    return trackingId;
  }

  /** Records a write that tracking saw; nothing for a file that is not tracked. */
  async wrote(hostPath: string, written: string): Promise<void> {
    const trackingId = this.idOf(hostPath);
    if (trackingId === undefined) return;
    this.#tracked.set(hostPath.toLowerCase(), { trackingId, written });
    await this.#save();
  }

  async stop(hostPath: string): Promise<void> {
    this.#tracked.delete(hostPath.toLowerCase());
    await this.#save();
  }

  async #save(): Promise<void> {
    const files = Array.from(this.#tracked, ([file, tracked]) => ({ path: file, ...tracked }));
    await replaceFile(this.#file, Buffer.from(JSON.stringify({ files })), never);
  }
}
