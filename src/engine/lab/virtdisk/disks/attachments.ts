import fs from 'node:fs/promises';
import path from 'node:path';
import { CallFailure, WIN32 } from '../wire/win32-codes.ts';

/** Number of the first disk that is shown; the ones before are the host's own. */
const FIRST_DRIVE = 1;
/** Number of disks that can be shown at a time: scripts/lib/wine-prefix.mjs makes links for them. */
const DRIVES = 16;

/**
 * The attached disks of a lab. In the folder `virtdisk` of the lab lies one raw file for each open
 * image, and `drive N` for each disk that Windows would show as `\\.\PhysicalDriveN`.
 */
export class Attachments {
  readonly #folder: string;
  /** Local paths of attached images in lower case. */
  readonly #images = new Set<string>();
  /** Raw files that are shown, by number. */
  readonly #drives = new Map<number, string>();
  #last = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Removes what an earlier process left. */
  static async open(labFolder: string): Promise<Attachments> {
    const folder = path.join(path.resolve(labFolder), 'virtdisk');
    await fs.rm(folder, { recursive: true, force: true });
    await fs.mkdir(folder, { recursive: true });
    return new Attachments(folder);
  }

  /** Makes the empty file of a new open image. */
  async newRaw(): Promise<string> {
    const raw = path.join(this.#folder, `open${++this.#last}.raw`);
    await fs.writeFile(raw, '', { flag: 'wx' });
    return raw;
  }

  /** Records that an image is attached. Throws if it is: which error Windows gives is UNCONFIRMED. */
  take(image: string): void {
    const key = image.toLowerCase();
    if (this.#images.has(key)) throw new CallFailure(WIN32.alreadyOwned);
    this.#images.add(key);
  }

  giveUp(image: string): void {
    this.#images.delete(image.toLowerCase());
  }

  /** Shows a disk to the host. */
  async show(raw: string): Promise<void> {
    let number = FIRST_DRIVE;
    while (this.#drives.has(number)) number++;
    if (number >= FIRST_DRIVE + DRIVES) throw new CallFailure(WIN32.notSupported);
    this.#drives.set(number, raw);
    await fs.link(raw, this.#drive(number));
  }

  async hide(raw: string): Promise<void> {
    const number = this.driveOf(raw);
    if (number === undefined) return;
    // A removed name stays until its last handle is closed, under Wine also for another name of the file.
    const gone = `${raw}-hidden`;
    await fs.rename(this.#drive(number), gone);
    await fs.rm(gone, { force: true });
    this.#drives.delete(number);
  }

  driveOf(raw: string): number | undefined {
    for (const [number, each] of this.#drives) if (each === raw) return number;
    return undefined;
  }

  #drive(number: number): string {
    return path.join(this.#folder, `drive${number}`);
  }
}
