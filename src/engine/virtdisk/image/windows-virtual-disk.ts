import type { WindowsDiskInformation, WindowsTracking } from '../../api/windows/windows-disk.ts';
import type { Range } from '../../base/range.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import type { WindowsHandle } from '../../win32/handles/windows-handle.ts';
import type { DiskSetting } from '../contract/disk-setting.ts';
import type {
  AttachedDisk,
  ChangeBatch,
  DriverChanges,
  OpenFor,
  VirtualDiskHandle,
  VisibleDisk,
} from '../contract/virtual-disk.ts';
import { virtdiskError } from '../contract/virtdisk-errors.ts';
import { attachDisk } from '../functions/attach.ts';
import { detachDisk } from '../functions/detach.ts';
import { getPhysicalPath } from '../functions/get-physical-path.ts';
import { queryChangesOnce } from '../functions/query-changes.ts';
import { setInformation } from '../functions/set-information.ts';
import { diskCallFailed } from '../library/call-error.ts';
import type { Rights } from './attach-rights.ts';
import { checkedChanges } from './checked-changes.ts';
import { readAllKinds, readKind } from './read-information.ts';
import { VirtualDiskSource } from './virtual-disk-source.ts';

/** The buffer of an answer holds the longest ID that exists. */
const ERROR_INSUFFICIENT_BUFFER = 122;
/** Time limit for detaching a disk, in milliseconds. */
const DETACH_MS = 10_000;

/** An image that Windows has opened. */
export class WindowsVirtualDisk implements VirtualDiskHandle {
  readonly path: string;
  readonly access: OpenFor;
  readonly #handle: WindowsHandle;
  readonly #rights: Rights;
  #shape: Promise<{ readonly size: number; readonly sector: number }> | undefined;
  #attached = false;

  constructor(handle: WindowsHandle, access: OpenFor, rights: Rights) {
    this.path = handle.name;
    this.access = access;
    this.#handle = handle;
    this.#rights = rights;
  }

  async information(signal: AbortSignal): Promise<WindowsDiskInformation> {
    this.#check();
    return readAllKinds(this.#handle, signal);
  }

  async tracking(signal: AbortSignal): Promise<WindowsTracking> {
    this.#check();
    const answer = await readKind(this.#handle, 'changeTracking', signal);
    if (answer.ok) return answer.value;
    const { number } = answer.error;
    if (number !== ERROR_INSUFFICIENT_BUFFER) {
      throw diskCallFailed('GetVirtualDiskInformation', number, this.path);
    }
    throw virtdiskError(
      'virtdisk.answer',
      `Windows has an ID of change tracking for ${this.path} that is longer than any ID may be`,
      { data: { call: 'GetVirtualDiskInformation', path: this.path, number } },
    );
  }

  async setTracking(on: boolean, signal: AbortSignal): Promise<void> {
    await this.set({ kind: 'changeTracking', on }, signal);
  }

  async set(setting: DiskSetting, signal: AbortSignal): Promise<void> {
    this.#check('write');
    await setInformation(this.#handle, setting, signal);
  }

  async queryChanges(
    rctId: string,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): Promise<DriverChanges> {
    this.#check('read', 'write');
    return queryChangesOnce(this.#handle, { rctId, offset, length }, signal);
  }

  async *changes(
    rctId: string,
    within: Range | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<ChangeBatch> {
    this.#check('read', 'write');
    const { size } = await this.#ownShape(signal);
    const part = within ?? { start: 0, end: size };
    if (part.end > size) {
      throw virtdiskError(
        'virtdisk.argument',
        `Cannot query [${part.start}, ${part.end}) of ${this.path}: it has ${size} bytes`,
        { data: { path: this.path, size, start: part.start, end: part.end } },
      );
    }
    const ask = (offset: number, length: number): Promise<DriverChanges> =>
      this.queryChanges(rctId, offset, length, signal);
    yield* checkedChanges(ask, part, this.path);
  }

  async attach(signal: AbortSignal): Promise<ByteSource> {
    this.#check('read');
    const shape = await this.#ownShape(signal);
    await this.#attach('handle', signal);
    const source = new VirtualDiskSource(this.#handle, shape, () => this.#detach());
    this.#handle.beforeClose(() => source.close());
    return source;
  }

  async attachAsDisk({ letters }: VisibleDisk, signal: AbortSignal): Promise<AttachedDisk> {
    this.#check('read');
    await this.#attach(letters ? 'diskWithLetters' : 'disk', signal);
    const detach = (): Promise<void> => this.#detach();
    this.#handle.beforeClose(detach);
    try {
      const physicalPath = await getPhysicalPath(this.#handle, signal);
      return { physicalPath, detach, [Symbol.asyncDispose]: detach };
    } catch (error) {
      await detach();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #attach(as: Parameters<typeof attachDisk>[1], signal: AbortSignal): Promise<void> {
    if (this.#attached) {
      const message = `${this.path} is attached already through this handle`;
      throw virtdiskError('virtdisk.busy', message, { data: { path: this.path } });
    }
    this.#rights();
    this.#attached = true;
    try {
      await attachDisk(this.#handle, as, signal);
    } catch (error) {
      this.#attached = false;
      throw error;
    }
  }

  async #detach(): Promise<void> {
    // Windows detaches the disk when its handle is closed.
    if (!this.#attached || !this.#handle.usable) return;
    this.#attached = false;
    this.#handle.beforeClose(undefined);
    await detachDisk(this.#handle, AbortSignal.timeout(DETACH_MS));
  }

  async #ownShape(signal: AbortSignal): Promise<{ size: number; sector: number }> {
    return (this.#shape ??= this.#askShape(signal));
  }

  async #askShape(signal: AbortSignal): Promise<{ size: number; sector: number }> {
    const answer = await readKind(this.#handle, 'size', signal);
    if (!answer.ok) {
      this.#shape = undefined;
      throw diskCallFailed('GetVirtualDiskInformation', answer.error.number, this.path);
    }
    const { virtualSize: size, sectorSize: sector } = answer.value;
    if ((sector === 512 || sector === 4096) && size % sector === 0) return { size, sector };
    throw virtdiskError(
      'virtdisk.answer',
      `Windows gave ${this.path} ${size} bytes in sectors of ${sector} bytes`,
      { data: { call: 'GetVirtualDiskInformation', path: this.path, size, sector } },
    );
  }

  /** Refuses a closed disk, and one whose access is not among those allowed. */
  #check(...allowed: readonly OpenFor[]): void {
    const { path, access } = this;
    if (this.#handle.closed) {
      throw virtdiskError('virtdisk.closed', `${path} is closed`, { data: { path } });
    }
    if (allowed.length === 0 || allowed.includes(access)) return;
    const message = `${path} is open for ${access}; needed is ${allowed.join(' or ')}`;
    throw virtdiskError('virtdisk.argument', message, { data: { path, access } });
  }
}
