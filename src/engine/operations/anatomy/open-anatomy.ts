import {
  BLOCK_STATES,
  type AnatomyInfo,
  type AnatomyNode,
  type BlockPlace,
  type BlockRequest,
  type BlockStateName,
  type BlockTile,
  type BlockTileRequest,
  type BytesAnswer,
  type BytesRequest,
} from '../../api/anatomy.ts';
import type { SearchAnswer, SearchRequest } from '../../api/disk-contents.ts';
import type { Progress } from '../../base/progress.ts';
import type { DiskAnatomy } from '../../disk/anatomy/blocks/disk-anatomy.ts';
import { searchedFile } from '../../disk/contents/searched.ts';
import { Findings } from '../../disk/inspect/findings.ts';
import type { ParentPath } from '../../disk/inspect/model.ts';
import { readAnatomy } from '../../disk/anatomy/read-anatomy.ts';
import { parentPaths } from '../../disk/anatomy/parents.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import { FileSource } from '../../source/files/file-source.ts';
import { check, wrong } from './check-request.ts';
import { DiskContents } from './disk-contents.ts';
import { searchIn } from './search-in.ts';
import { storedParent } from './stored-parent.ts';
import { windowsNode } from './windows-node.ts';

const MAX_CELLS = 16_384;
const MAX_BYTES = 65_536;

/** An open disk image: the findings made at opening, and the file for later requests. */
export class OpenAnatomy {
  /** The virtual disk, which is opened when it is first asked for. */
  readonly contents: DiskContents;
  readonly #file: ByteSource;
  readonly #anatomy: DiskAnatomy;
  readonly #parents: readonly ParentPath[];
  readonly #findings: Findings;
  /** Windows' answers; undefined elsewhere. */
  readonly #windows: AnatomyNode | undefined;

  private constructor(
    file: ByteSource,
    contents: DiskContents,
    anatomy: DiskAnatomy,
    parents: readonly ParentPath[],
    findings: Findings,
    windows: AnatomyNode | undefined,
  ) {
    this.contents = contents;
    this.#file = file;
    this.#anatomy = anatomy;
    this.#parents = parents;
    this.#findings = findings;
    this.#windows = windows;
  }

  /**
   * Opens an image. Problems inside the file are findings. Throws `source.*` if the file cannot be
   * opened.
   */
  static async open(
    path: string,
    followParents: boolean,
    signal: AbortSignal,
  ): Promise<OpenAnatomy> {
    const file = await FileSource.open(path, signal);
    try {
      const findings = new Findings();
      const anatomy = await readAnatomy(file, findings, signal);
      const parents = await parentPaths(
        path,
        anatomy,
        followParents,
        findings,
        storedParent,
        signal,
      );
      const contents = new DiskContents(path, followParents);
      const windows = await windowsNode(path, anatomy, signal);
      return new OpenAnatomy(file, contents, anatomy, parents, findings, windows);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  info(anatomyId: string): AnatomyInfo {
    const { format, subformat, virtualSize, blockSize, parts, tree, blocks } = this.#anatomy;
    return {
      anatomyId,
      path: this.#file.name,
      format,
      subformat,
      fileSize: this.#file.size,
      virtualSize,
      blockSize,
      regions: parts,
      tree: this.#windows === undefined ? tree : [...tree, this.#windows],
      blocks: blocks === undefined ? null : { total: blocks.total, counts: named(blocks.counts()) },
      parents: this.#parents,
      findings: this.#findings.list,
    };
  }

  async blocks(request: BlockTileRequest, signal: AbortSignal): Promise<BlockTile> {
    const { from, perCell, count } = request;
    const { blocks } = this.#anatomy;
    if (blocks === undefined) throw wrong('from', from, 'this file has no block table');
    const { total } = blocks;
    check('from', from, 0, total);
    check('perCell', perCell, 1, Math.max(1, 2 ** Math.ceil(Math.log2(Math.max(1, total)))));
    check('count', count, 1, MAX_CELLS);
    const wanted = { from, perCell, count };
    const { states, held } = await blocks.cells(wanted, signal);
    return {
      states: Buffer.from(states).toString('base64'),
      held: Buffer.from(held).toString('base64'),
    };
  }

  async block({ block }: BlockRequest, signal: AbortSignal): Promise<BlockPlace> {
    const { blocks } = this.#anatomy;
    if (blocks === undefined) throw wrong('block', block, 'this file has no block table');
    check('block', block, 0, blocks.total - 1);
    return blocks.place(block, signal);
  }

  async bytes({ offset, length }: BytesRequest, signal: AbortSignal): Promise<BytesAnswer> {
    const { size } = this.#file;
    check('offset', offset, 0, size);
    check('length', length, 1, MAX_BYTES);
    const bytes = Buffer.alloc(Math.min(length, size - offset));
    if (bytes.length > 0) await this.#file.read(offset, bytes, signal);
    return { offset, bytes: bytes.toString('base64') };
  }

  search(request: SearchRequest, progress: Progress, signal: AbortSignal): Promise<SearchAnswer> {
    if (request.space === 'disk') return this.contents.search(request, progress, signal);
    return searchIn(searchedFile(this.#file), request, progress, signal);
  }

  async close(): Promise<void> {
    await this.contents.close();
    await this.#file.close();
  }
}

function named(counts: readonly number[]): Readonly<Record<BlockStateName, number>> {
  const entries = BLOCK_STATES.map((name, i) => [name, counts[i] ?? 0] as const);
  return Object.fromEntries(entries) as Record<BlockStateName, number>;
}
