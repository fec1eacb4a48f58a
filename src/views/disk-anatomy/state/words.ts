import type { AnatomyInfo, BlockStateName, FileRegion } from '../../../engine/api/anatomy.ts';
import type { DiskAnatomyStrings } from '../../api/disk-anatomy-strings.ts';
import { fill, type Format } from '../../common/words/format.ts';
import type { Cell } from './block-tile.ts';
import { hexOffset } from '../../common/hex/hex-format.ts';

const FORMATS = { vhdx: 'VHDX', vhd: 'VHD', vhds: 'VHD Set', qcow2: 'qcow2' } as const;

/** Formats facts of a file as text. */
export class Words {
  readonly strings: DiskAnatomyStrings;
  readonly format: Format;
  /** The file's name. */
  readonly name: string;

  constructor(strings: DiskAnatomyStrings, format: Format, name: string) {
    this.strings = strings;
    this.format = format;
    this.name = name;
  }

  /** Fills this file's name into a text. */
  named(text: string): string {
    return fill(text, this.name);
  }

  formatName({ format, subformat }: AnatomyInfo): string {
    const { strings } = this;
    if (format === 'raw') return strings.raw;
    const name = FORMATS[format];
    return subformat === null ? name : fill(strings.formatNamed, name, strings[subformat]);
  }

  /** `0x10000 (65,536)`. */
  offset(offset: number): string {
    return fill(this.strings.atByte, hexOffset(offset), this.format.count(offset));
  }

  part({ label, start, length }: FileRegion, pieces = 1): string {
    const { strings, format } = this;
    const name = pieces === 1 ? label : fill(strings.partPieces, label, format.count(pieces));
    return fill(strings.partAt, name, format.bytes(length), hexOffset(start));
  }

  state(state: BlockStateName, { subformat }: AnatomyInfo): string {
    const { strings } = this;
    return state === 'notPresent' && subformat === 'differencing'
      ? strings.notPresentParent
      : strings[state];
  }

  /** Describes a cell of the block map: its blocks, and the state of most of them. */
  cell(first: number, last: number, cell: Cell | undefined, info: AnatomyInfo): string {
    const { strings, format } = this;
    const blocks =
      first === last
        ? fill(strings.blockOne, format.count(first))
        : fill(strings.blockMany, format.count(first), format.count(last));
    if (cell === undefined) return blocks;
    const { state, held } = cell;
    if (first === last) return fill(strings.blockState, blocks, this.state(state, info));
    if (state === 'bad') return fill(strings.blockSomeBad, blocks);
    const most = fill(strings.blockMost, blocks, this.state(state, info));
    // If most blocks are in the file, or no block is, the state suffices.
    const some = held > 0 && state !== 'present' && state !== 'partial';
    return some ? fill(strings.blockHeld, most, format.percent(held, 1)) : most;
  }
}
