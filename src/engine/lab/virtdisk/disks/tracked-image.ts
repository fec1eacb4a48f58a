import { never } from '../../../base/abort.ts';
import type { RangeSet } from '../../../base/range-set.ts';
import { openImage } from '../../../disk/chain/open-as.ts';
import { changedSince, findByPath, sealedAt } from '../../model/changes.ts';
import type { Lab } from '../../model/lab.ts';
import type { DiskTracker } from '../../rct/disk-tracker.ts';
import { parseRctId, rctId, type LabDisk } from '../../state/state.ts';
import { CallFailure, WIN32 } from '../wire/win32-codes.ts';
import type { HostFile } from './host-file.ts';
import type { LooseTracking } from './loose-tracking.ts';

export interface TrackingState {
  readonly enabled: boolean;
  readonly newerChanges: boolean;
  readonly mostRecentId: string;
}

const OFF: TrackingState = { enabled: false, newerChanges: false, mostRecentId: '' };

/**
 * Change tracking of one image: of a disk of a VM, where checkpoints make the ids, or of a file that
 * no VM uses, where turning it on makes one. When Windows itself makes ids is UNCONFIRMED.
 */
export class TrackedImage {
  readonly #lab: Lab;
  readonly #loose: LooseTracking;
  readonly #path: string;
  readonly #local: string;

  constructor(
    lab: Lab,
    loose: LooseTracking,
    { hostPath, local }: Pick<HostFile, 'hostPath' | 'local'>,
  ) {
    this.#lab = lab;
    this.#loose = loose;
    this.#path = hostPath;
    this.#local = local;
  }

  async state(): Promise<TrackingState> {
    const found = findByPath(this.#lab, this.#path);
    const tracker = await this.#tracker();
    if (tracker === undefined) return OFF;
    const sealed = found === undefined ? undefined : sealedAt(found.vm, found.disk, this.#path);
    const last = sealed ?? tracker.generation - 1;
    const newer = sealed === undefined && tracker.changes(last, undefined)?.isEmpty === false;
    return {
      enabled: true,
      newerChanges: newer,
      mostRecentId: rctId(tracker.trackingId, last),
    };
  }

  /** Returns what was written after the state of an id. Throws for an id that is not known. */
  async changedSince(id: string): Promise<RangeSet> {
    const tracker = await this.#tracker();
    if (tracker === undefined) throw new CallFailure(WIN32.trackingDisabled);
    const found = findByPath(this.#lab, this.#path);
    const changed =
      found === undefined
        ? await this.#looseChanges(tracker, id)
        : await changedSince(this.#lab, found, this.#path, id);
    if (changed === undefined) throw new CallFailure(WIN32.invalidTrackingId);
    return changed;
  }

  /** Records a write before it happens. */
  async mark(start: number, end: number): Promise<void> {
    await (await this.#tracker())?.mark({ start, end });
  }

  /** Records that the writes that were marked have happened. */
  async wrote(): Promise<void> {
    if (this.#loose.idOf(this.#path) !== undefined) {
      await this.#loose.wrote(this.#path, await this.#written());
    }
  }

  /** Turns tracking on, or makes a new id if it is on. */
  async turnOn(): Promise<void> {
    const disk = this.#disk();
    if (disk !== undefined) delete disk.untracked;
    else if (this.#loose.idOf(this.#path) === undefined)
      await this.#loose.start(this.#path, await this.#written());
    await (await this.#lab.tracker({ trackingId: this.#id() })).seal(never);
    await this.#lab.save();
  }

  /** Turns tracking off: all ids become unknown. */
  async turnOff(): Promise<void> {
    const disk = this.#disk();
    if (disk !== undefined) {
      await this.#lab.resetTracking(disk);
      disk.untracked = true;
      await this.#lab.save();
    } else {
      const trackingId = this.#loose.idOf(this.#path);
      if (trackingId !== undefined) await this.#lab.resetTracking({ trackingId });
      await this.#loose.stop(this.#path);
    }
  }

  #disk(): LabDisk | undefined {
    const disk = findByPath(this.#lab, this.#path)?.disk;
    // RCT does not exist for VHD.
    const isVhd = disk === undefined ? /\.vhd$/i.test(this.#path) : disk.kind !== 'vhdx';
    if (isVhd) throw new CallFailure(WIN32.notSupported);
    return disk;
  }

  #id(): LabDisk['trackingId'] {
    const id = this.#disk()?.trackingId ?? this.#loose.idOf(this.#path);
    if (id === undefined) throw new CallFailure(WIN32.trackingDisabled);
    return id;
  }

  /** Returns the tracker of the image; undefined if tracking is off, or never made an id. */
  async #tracker(): Promise<DiskTracker | undefined> {
    const disk = findByPath(this.#lab, this.#path)?.disk;
    if (disk !== undefined && (disk.kind !== 'vhdx' || disk.untracked === true)) return undefined;
    const trackingId = disk?.trackingId ?? this.#loose.idOf(this.#path);
    if (trackingId === undefined) return undefined;
    const tracker = await this.#lab.tracker({ trackingId });
    return tracker.generation > 0 ? tracker : undefined;
  }

  async #looseChanges(tracker: DiskTracker, text: string): Promise<RangeSet | undefined> {
    const id = parseRctId(text);
    if (id === undefined || id.trackingId !== tracker.trackingId) return undefined;
    if (!this.#loose.sawLastWrite(this.#path, await this.#written())) {
      throw new CallFailure(WIN32.changedOffline);
    }
    return tracker.changes(id.generation, undefined);
  }

  /** Returns the DataWriteGuid of the image: every other writer changes it. */
  async #written(): Promise<string> {
    const image = await openImage(this.#local, never);
    const { identity } = image;
    await image.close();
    if (identity === undefined) throw new CallFailure(WIN32.notSupported);
    return identity;
  }
}
