import { isEngineError, type EngineError } from '../../base/errors.ts';
import { ChainDisk, CHAIN_CACHE_BYTES } from '../../disk/chain/chain.ts';
import { VhdxImage } from '../../disk/vhdx/read/vhdx-image.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import { LoadBudget } from '../../source/load-budget.ts';
import { RangeSet } from '../../base/range-set.ts';
import { ChainHashes } from '../hashes/chain-hashes.ts';
import { hashFormat } from '../hashes/hash-format.ts';
import { mustBeRecorded, openStoredHashes } from '../images/stored-disk.ts';
import { pointFile } from '../store/contract/layout.ts';
import type { ChainLink } from '../points/point-chain.ts';
import type { Store } from '../store/contract/store.ts';
import type { HeldFiles } from './held-files.ts';

/** One open disk of one point. Its images and files stay open for the points that build on it. */
export interface OpenDisk {
  readonly parent: OpenDisk | undefined;
  readonly image: VhdxImage;
  /** The image's raw file. */
  readonly file: ByteSource;
  /** The chain of images from this point down to its full. */
  readonly disk: ChainDisk;
  /** The tree, or why it cannot be used. */
  hashes: ChainHashes | EngineError;
  /**
   * Ranges of the disk that do not match the recorded hash; resolves once its contents are read and
   * hashed. Never rejects.
   */
  damaged: Promise<RangeSet>;
  /** The root computed from the whole disk, if it differs from the recorded one. */
  wrongRoot: string | undefined;
  /** Why the contents cannot be read. */
  failure: EngineError | undefined;
}

/** An open disk, or the error of its own image or one of its parents'. */
export type DiskState = OpenDisk | EngineError;

const NOTHING = Promise.resolve(RangeSet.empty);

/** Returns the key of a disk of a point. */
export const keyOf = ({ point, disk }: ChainLink): string => `${point.id}/${disk.number}`;

/**
 * Opens each image and hash file of a VM once, for all points that build on it, and closes them as
 * soon as no remaining point needs them.
 */
export class DiskStates {
  readonly #store: Store;
  readonly #states = new Map<string, DiskState>();
  /** For each disk, the number of announced chains that still need it. */
  readonly #needed = new Map<string, number>();
  readonly #closing = new Set<Promise<void>>();
  readonly #budget = new LoadBudget(CHAIN_CACHE_BYTES);

  /** Undefined if little of the hash files will be read. */
  readonly #held: HeldFiles | undefined;

  constructor(store: Store, held: HeldFiles | undefined) {
    this.#store = store;
    this.#held = held;
  }

  /** Announces a chain that will be verified. */
  need(links: readonly ChainLink[]): void {
    for (const key of links.map(keyOf)) this.#needed.set(key, (this.#needed.get(key) ?? 0) + 1);
  }

  /** Ends the need for a chain. */
  release(links: readonly ChainLink[]): void {
    for (const key of links.map(keyOf)) {
      const left = (this.#needed.get(key) ?? 1) - 1;
      this.#needed.set(key, left);
      if (left <= 0) this.#drop(key);
    }
  }

  /**
   * Opens the first link of a chain and its parents, each once.
   * @param first is called for each newly opened disk, parents first.
   */
  async open(
    links: readonly ChainLink[],
    first: (state: OpenDisk, links: readonly ChainLink[]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<DiskState> {
    const [own] = links;
    if (own === undefined) throw new Error('A chain has at least one image');
    const known = this.#states.get(keyOf(own));
    if (known !== undefined) return known;
    const rest = links.slice(1);
    const parent = rest.length === 0 ? undefined : await this.open(rest, first, signal);
    const state = isEngineError(parent) ? parent : await this.#begin(links, parent, signal);
    this.#states.set(keyOf(own), state);
    if (!isEngineError(state)) await first(state, links);
    return state;
  }

  async close(): Promise<void> {
    for (const key of this.#states.keys()) this.#drop(key);
    await Promise.all(this.#closing);
  }

  /** A file is closed once its last part is hashed; the next disks do not wait for that. */
  #drop(key: string): void {
    const state = this.#states.get(key);
    this.#states.delete(key);
    this.#held?.drop(key);
    if (state === undefined || isEngineError(state)) return;
    const closing = this.#close(state);
    // A failure is thrown by `close`.
    closing.then(
      () => this.#closing.delete(closing),
      () => undefined,
    );
    this.#closing.add(closing);
  }

  async #close({ image, hashes }: OpenDisk): Promise<void> {
    await image.close();
    if (!isEngineError(hashes)) await hashes.close();
  }

  async #begin(
    links: readonly ChainLink[],
    parent: OpenDisk | undefined,
    signal: AbortSignal,
  ): Promise<DiskState> {
    const [own] = links as readonly [ChainLink];
    const path = pointFile(own.point.manifest.vm.id, own.point.id, own.disk.file);
    let image: VhdxImage | undefined;
    try {
      const source = await this.#store.openFile(path, signal);
      image = await VhdxImage.open(source, signal, { budget: this.#budget });
      mustBeRecorded(image, own.point.id, own.disk);
      const disk = new ChainDisk([image, ...(parent?.disk.layers ?? [])]);
      const hashes = await this.#hashes(links, parent, signal);
      const unread = { damaged: NOTHING, wrongRoot: undefined, failure: undefined };
      return { parent, image, file: source, disk, hashes, ...unread };
    } catch (error) {
      await image?.close();
      signal.throwIfAborted();
      if (isEngineError(error)) return error;
      throw error;
    }
  }

  async #hashes(
    links: readonly ChainLink[],
    parent: OpenDisk | undefined,
    signal: AbortSignal,
  ): Promise<ChainHashes | EngineError> {
    const [{ point, disk }] = links as readonly [ChainLink];
    const { virtualSize, hashRoot } = disk;
    const format = hashFormat(disk);
    const before = parent?.hashes;
    // A parent's tree of another format cannot be used for its children.
    if (isEngineError(before) && before.code !== 'hashes.version') return before;
    try {
      // If a record does not fit its parent's, their trees differ in shape: the files are opened as
      // for a restore.
      const fits =
        before === undefined ||
        (!isEngineError(before) &&
          before.shape.format === format &&
          before.virtualSize === virtualSize);
      if (!fits) return await openStoredHashes(this.#store, links, signal);
      const path = pointFile(point.manifest.vm.id, point.id, disk.hashesFile.file);
      const source = await this.#hashSource(path, keyOf({ point, disk }), signal);
      if (before !== undefined) return await before.child(source, hashRoot, signal);
      return await ChainHashes.open([source], virtualSize, format, hashRoot, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (isEngineError(error)) return error;
      throw error;
    }
  }

  /** Opens a hash file; reads it whole if it is small. */
  async #hashSource(path: string, key: string, signal: AbortSignal): Promise<ByteSource> {
    const held = this.#held?.source(key);
    if (held !== undefined) return held;
    const source = await this.#store.openFile(path, signal);
    return (await this.#held?.take(key, source, signal)) ?? source;
  }
}
