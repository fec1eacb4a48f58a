import path from 'node:path';
import { never } from '../../../base/abort.ts';
import { newGuid, parseGuid, type Guid } from '../../../base/guid.ts';
import { replaceFile } from '../../../source/files/atomic-file.ts';
import { readLabFile, type JsonShape } from '../../state/json-file.ts';

interface TrackingFile {
  readonly files: readonly { readonly path: string; readonly trackingId: string }[];
}

const SHAPE: JsonShape = {
  fields: { files: { listOf: { fields: { path: 'text', trackingId: 'text' } } } },
};

/**
 * Images that no VM uses and that are tracked, with the identities of their trackers, in
 * `virtdisk-tracking.json` of the lab's folder.
 */
export class LooseTracking {
  readonly #file: string;
  /** By host path in lower case. */
  readonly #ids = new Map<string, Guid>();

  private constructor(file: string) {
    this.#file = file;
  }

  static async open(labFolder: string): Promise<LooseTracking> {
    const tracking = new LooseTracking(path.join(labFolder, 'virtdisk-tracking.json'));
    const kept = (await readLabFile(tracking.#file, SHAPE)) as TrackingFile | undefined;
    for (const each of kept?.files ?? []) tracking.#ids.set(each.path, parseGuid(each.trackingId));
    return tracking;
  }

  /** Returns the tracker's identity of a file; undefined if it is not tracked. */
  idOf(hostPath: string): Guid | undefined {
    return this.#ids.get(hostPath.toLowerCase());
  }

  async start(hostPath: string): Promise<Guid> {
    const id = newGuid();
    this.#ids.set(hostPath.toLowerCase(), id);
    await this.#save();
    return id;
  }

  async stop(hostPath: string): Promise<void> {
    this.#ids.delete(hostPath.toLowerCase());
    await this.#save();
  }

  async #save(): Promise<void> {
    const files = Array.from(this.#ids, ([file, trackingId]) => ({ path: file, trackingId }));
    await replaceFile(this.#file, Buffer.from(JSON.stringify({ files })), never);
  }
}
