import path from 'node:path';
import { never } from '../../../base/abort.ts';
import { openDisk, type OpenedDisk } from '../../../disk/chain/open-disk.ts';
import { VhdxEditor } from '../../../disk/vhdx/edit/vhdx-editor.ts';
import { FileStorage } from '../../../source/files/file-storage.ts';
import { writeOrZero } from '../../files/write-or-zero.ts';
import { ReadWriteLock } from './read-write-lock.ts';

interface Editing {
  readonly storage: FileStorage;
  readonly editor: VhdxEditor;
}

/**
 * The active VHDX of a shared disk, read with its parents and written in place. A reader of the chain
 * sees only what an editor has flushed, so the two take turns; reads of one turn run together.
 */
export class ImageSession {
  #file: string;
  readonly #lock = new ReadWriteLock();
  #reader: OpenedDisk | undefined;
  #editing: Editing | undefined;
  #wasChanged = false;

  constructor(file: string) {
    this.#file = file;
  }

  get file(): string {
    return this.#file;
  }

  /** Whether anything was written, or another file became the active one. */
  get wasChanged(): boolean {
    return this.#wasChanged;
  }

  /** Opens the chain for reading, if it is not open. Throws `disk.*`, `vhdx.*`, `source.*`. */
  async read<T>(work: (opened: OpenedDisk) => Promise<T>): Promise<T> {
    for (;;) {
      const done = await this.#lock.read(async () =>
        this.#reader === undefined ? undefined : { value: await work(this.#reader) },
      );
      if (done !== undefined) return done.value;
      await this.#lock.write(async () => {
        await this.#endEditing();
        this.#reader ??= await openChain(this.#file);
      });
    }
  }

  /** Writes whole sectors; zeros are stored as such. */
  write(offset: number, bytes: Uint8Array): Promise<void> {
    return this.edit((editor) => writeOrZero(editor, offset, bytes, never));
  }

  /** Runs a change of the active file. */
  edit<T>(work: (editor: VhdxEditor) => Promise<T>): Promise<T> {
    return this.#lock.write(async () => {
      await this.#endReading();
      this.#wasChanged = true;
      return work((await this.#edit()).editor);
    });
  }

  /** Runs work while nothing of the disk is open, and continues with the file that it returns. */
  switchTo(work: () => Promise<string>): Promise<void> {
    return this.#lock.write(async () => {
      await this.#endReading();
      await this.#endEditing();
      this.#wasChanged = true;
      this.#file = await work();
    });
  }

  async flush(): Promise<void> {
    await this.#lock.write(async () => this.#editing?.editor.flush(never));
  }

  close(): Promise<void> {
    return this.#lock.write(async () => {
      await this.#endReading();
      await this.#endEditing();
    });
  }

  async #edit(): Promise<Editing> {
    if (this.#editing !== undefined) return this.#editing;
    const storage = await FileStorage.open(this.#file, {}, never);
    try {
      this.#editing = { storage, editor: await VhdxEditor.open(storage, never) };
    } catch (error) {
      await storage.close();
      throw error;
    }
    return this.#editing;
  }

  async #endEditing(): Promise<void> {
    const editing = this.#editing;
    this.#editing = undefined;
    if (editing === undefined) return;
    try {
      await editing.editor.close();
    } finally {
      await editing.storage.close();
    }
  }

  async #endReading(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.disk.close();
  }
}

/** Opens a file of a set with its parents, which lie beside it. */
export const openChain = (file: string): Promise<OpenedDisk> =>
  openDisk(file, { format: 'vhdx', search: [path.dirname(file)] }, never);
