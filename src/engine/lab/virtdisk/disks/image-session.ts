import fs from 'node:fs/promises';
import type { RangeSet } from '../../../base/range-set.ts';
import type { Lab } from '../../model/lab.ts';
import { answerChanges, damageOf } from '../faults/call-faults.ts';
import type { Attachments } from './attachments.ts';
import { CallFailure, WIN32 } from '../wire/win32-codes.ts';
import { changesBody, openBody, textBody } from '../wire/replies.ts';
import type { ChangesRequest, OpenRequest, VirtdiskRequest } from '../wire/requests.ts';
import { layOut, writeBack } from './attachment.ts';
import { createImage } from './create-image.ts';
import { deviceOf, findHostFile, type HostFile } from './host-file.ts';
import { informationArm } from './information.ts';
import type { LooseTracking } from './loose-tracking.ts';
import { claimLayers, closeLayers, openLayers, type OpenLayers } from './open-image.ts';
import { applySetting } from './settings.ts';
import { TrackedImage } from './tracked-image.ts';

/** Flags of AttachVirtualDisk. */
const READ_ONLY = 0x1;
const NO_LOCAL_HOST = 0x8;

/** GET_VIRTUAL_DISK_INFO_CHANGE_TRACKING_STATE. */
const TRACKING = 15;
const MOST_ROOM = 2 ** 20;

/** Parts that all opens of a lab share. */
export interface SessionHost {
  readonly lab: Lab;
  readonly loose: LooseTracking;
  readonly attachments: Attachments;
}

interface Opened {
  readonly request: OpenRequest;
  readonly file: HostFile;
  readonly device: number;
  readonly tracked: TrackedImage;
  readonly release: () => void;
  layers: OpenLayers;
}

type Progress = (current: number, total: number) => void;

/** One handle of a caller: an open image from OpenVirtualDisk or CreateVirtualDisk on. */
export class ImageSession {
  readonly #host: SessionHost;
  /** File through which the caller's handle reads the attached disk; empty while it is detached. */
  readonly #raw: string;
  #opened: Opened | undefined;
  /** Set while the disk is attached. */
  #attached: { readonly writes: boolean; readonly visible: boolean } | undefined;
  /** The last id asked for and its answer: a long answer is read in many calls. */
  #changed: { readonly id: string; readonly set: RangeSet } | undefined;

  private constructor(host: SessionHost, raw: string) {
    this.#host = host;
    this.#raw = raw;
  }

  static async start(host: SessionHost): Promise<ImageSession> {
    return new ImageSession(host, await host.attachments.newRaw());
  }

  /** The first reply: the file of the handle. */
  get greeting(): Uint8Array {
    return openBody(this.#raw, this.#host.lab.faults.strike('virtdisk.reads') !== undefined);
  }

  /** Carries out a call and returns the body of its reply. */
  async call(request: VirtdiskRequest, progress: Progress): Promise<Uint8Array | undefined> {
    switch (request.call) {
      case 'open':
        return this.#open(request);
      case 'create':
        await createImage(this.#host.lab, request, progress);
        return this.#open({ ...request, call: 'open', flags: 0, infoOnly: false, readOnly: false });
      case 'info':
        return this.#information(request.version, request.room);
      case 'set':
        return this.#set(request);
      case 'changes':
        return this.#changes(request);
      case 'attach':
        return this.#attach(request.flags, progress);
      case 'detach':
        return this.#detach();
      case 'path':
        return this.#physicalPath();
      case 'close':
        await this.close();
        return undefined;
      case 'hello':
        throw new CallFailure(WIN32.invalidParameter);
    }
  }

  /** Detaches the disk and releases its files, as the last CloseHandle does. */
  async close(): Promise<void> {
    const opened = this.#opened;
    if (opened !== undefined) {
      if (this.#attached !== undefined) await this.#detach();
      this.#opened = undefined;
      opened.release();
      await closeLayers(opened.layers);
    }
    await fs.rm(this.#raw, { force: true }).catch(() => undefined);
  }

  #use(): Opened {
    if (this.#opened === undefined) throw new CallFailure(WIN32.invalidParameter);
    return this.#opened;
  }

  async #open(request: OpenRequest): Promise<undefined> {
    if (this.#opened !== undefined) throw new CallFailure(WIN32.invalidParameter);
    const { lab, loose } = this.#host;
    const file = await findHostFile(lab, request.path);
    const device = deviceOf(file.hostPath, request.deviceId);
    // The image alone comes first: a file that is in use is not read.
    const release = await claimLayers(lab, file, [], request);
    const releases = [release];
    try {
      const layers = await openLayers(file, request.flags);
      try {
        const parents = layers.chain.slice(1);
        releases.push(await claimLayers(lab, file, parents, { ...request, readOnly: true }));
        const tracked = new TrackedImage(lab, loose, file);
        const giveUp = (): void => {
          for (const each of releases) each();
        };
        this.#opened = { request, file, device, tracked, release: giveUp, layers };
      } catch (error) {
        await closeLayers(layers);
        throw error;
      }
    } catch (error) {
      for (const each of releases) each();
      throw error;
    }
  }

  #information(version: number, room: number): Promise<Uint8Array> {
    const { device, layers: opened, tracked } = this.#use();
    const { lab } = this.#host;
    if (version === TRACKING && lab.faults.strike('virtdisk.endless') !== undefined) {
      return Promise.resolve(new Uint8Array(Math.min(room, MOST_ROOM)).fill(0x78));
    }
    const attached = this.#attached !== undefined;
    return informationArm(version, { lab, device, opened, tracked, attached });
  }

  async #set(request: VirtdiskRequest & { readonly call: 'set' }): Promise<undefined> {
    const opened = this.#use();
    const { file, layers, tracked } = opened;
    const { readOnly, infoOnly, flags } = opened.request;
    if (readOnly || infoOnly) throw new CallFailure(WIN32.accessDenied);
    const [{ format }] = layers.layers;
    await closeLayers(layers);
    try {
      const alone = layers.disk === undefined;
      await applySetting(this.#host.lab, file, format, tracked, request, alone);
    } finally {
      opened.layers = await openLayers(file, flags);
    }
  }

  async #changes(request: ChangesRequest): Promise<Uint8Array> {
    const { layers, tracked, request: how } = this.#use();
    if (how.infoOnly) throw new CallFailure(WIN32.accessDenied);
    const [{ size }] = layers.layers;
    const { id, offset, length } = request;
    if (length === 0 || offset + length > size) throw new CallFailure(WIN32.invalidParameter);
    // Others may write to a disk between two queries; within one, its own offsets go on.
    if (this.#changed?.id !== id || offset === 0) {
      this.#changed = { id, set: await tracked.changedSince(id) };
    }
    const { faults } = this.#host.lab;
    const { processed, ranges } = answerChanges(faults, this.#changed.set, request);
    return changesBody(processed, ranges);
  }

  async #attach(flags: number, progress: Progress): Promise<undefined> {
    const { file, layers, request } = this.#use();
    const raw = this.#raw;
    const writes = (flags & READ_ONLY) === 0;
    if (request.infoOnly || (request.readOnly && writes)) {
      throw new CallFailure(WIN32.accessDenied);
    }
    if (layers.disk === undefined) throw new CallFailure(WIN32.parentNotFound);
    const visible = (flags & NO_LOCAL_HOST) === 0;
    const { lab, attachments } = this.#host;
    attachments.take(file.own);
    try {
      await layOut(layers.disk, raw, damageOf(lab.faults), progress);
      if (visible) await attachments.show(raw);
    } catch (error) {
      await fs.truncate(raw, 0);
      attachments.giveUp(file.own);
      throw error;
    }
    this.#attached = { writes, visible };
  }

  async #detach(): Promise<undefined> {
    const opened = this.#use();
    const { file, tracked } = opened;
    const raw = this.#raw;
    const attached = this.#attached;
    if (attached === undefined) throw new CallFailure(WIN32.notReady);
    const { attachments } = this.#host;
    this.#attached = undefined;
    if (attached.writes && opened.layers.disk !== undefined) {
      await writeBack(opened.layers.disk, raw, file.local, tracked);
      await closeLayers(opened.layers);
      opened.layers = await openLayers(file, opened.request.flags);
    }
    await fs.truncate(raw, 0);
    await attachments.hide(raw);
    attachments.giveUp(file.own);
  }

  #physicalPath(): Uint8Array {
    this.#use();
    const number = this.#host.attachments.driveOf(this.#raw);
    // Which error Windows gives for a disk that is not attached to the local host is UNCONFIRMED.
    if (number === undefined) throw new CallFailure(WIN32.notReady);
    return textBody(`\\\\.\\PhysicalDrive${number}`);
  }
}
