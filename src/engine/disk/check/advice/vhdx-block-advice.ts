import type { Advice } from './advice-row.ts';
import {
  ACCEPTS,
  BACKUP,
  CONVERT,
  NOTHING,
  REFUSES,
  REFUSES_BLOCK,
  REPAIR,
  REPLAY,
  UNKNOWN,
} from './words.ts';

/** Advice about the codes of one group. */
export const BLOCK_ADVICE: Readonly<Record<string, Advice>> = {
  'vhdx.bat.size': {
    means: 'The BAT region has no room for the entries of the disk.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.bat.state': {
    means: 'A block has a state that the specification reserves.',
    windows: REFUSES_BLOCK,
    fix: BACKUP,
  },
  'vhdx.bat.partial': {
    means: 'A block is partially present, but the disk has no parent.',
    windows: REFUSES_BLOCK,
    fix: BACKUP,
  },
  'vhdx.bat.reserved': {
    means: 'Reserved bits of the entry of a block in the file are not zero.',
    windows: UNKNOWN,
    fix: BACKUP,
  },
  'vhdx.bat.unusedReserved': {
    means: 'Reserved bits of the entry of a block without data are not zero.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhdx.bat.headers': {
    means: 'A block lies in the first MiB, where the headers are.',
    windows: REFUSES_BLOCK,
    fix: BACKUP,
  },
  'vhdx.bat.beyond': {
    means: 'A block lies behind the end of the file: it was cut off, or its entry is damaged.',
    windows: REFUSES_BLOCK,
    fix: BACKUP,
  },
  'vhdx.bat.keptBeyond': {
    means: 'A block without contents keeps space behind the end of the file.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhdx.bat.structure': {
    means: 'A block lies over the log or a region.',
    windows: REFUSES_BLOCK,
    fix: BACKUP,
  },
  'vhdx.bat.shared': {
    means: 'Two blocks have the same place in the file; at most one of them is right.',
    windows: REFUSES_BLOCK,
    fix: BACKUP,
  },
  'vhdx.bat.padding': {
    means: 'An entry behind the last block of the disk is not zero.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhdx.bat.bitmapState': {
    means: 'The entry of a sector bitmap has a state that only blocks have.',
    windows: REFUSES_BLOCK,
    fix: BACKUP,
  },
  'vhdx.bat.strayBitmap': {
    means: 'A disk without parent has a sector bitmap.',
    windows: UNKNOWN,
    fix: CONVERT,
  },
  'vhdx.bat.noBitmap': {
    means: 'Blocks are partially present, but their sector bitmap is missing.',
    windows: REFUSES_BLOCK,
    fix: BACKUP,
  },
  'vhdx.bat.fixedHoles': {
    means: 'Blocks of a fixed disk have no space in the file.',
    windows: ACCEPTS,
    fix: CONVERT,
  },
  'vhdx.bitmap.empty': {
    means: 'A partially present block holds no sector.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhdx.bitmap.beyond': {
    means: 'A sector bitmap names sectors behind the end of the disk.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhdx.log.dirty': {
    means: 'The file was not closed: changes wait in its log.',
    windows: 'It replays the log when it opens the file, which it must be able to write.',
    fix: REPLAY,
  },
  'vhdx.log.corrupt': {
    means: 'The header names a log, but no entries of it can be replayed.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.log.truncated': {
    means: 'The file is shorter than its log says, or ends before its log does.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.log.limit': {
    means: 'The log is larger than any writer makes it.',
    windows: UNKNOWN,
    fix: BACKUP,
  },
  'vhdx.log.beyond': {
    means: 'The empty log lies behind the end of the file.',
    windows: UNKNOWN,
    fix: REPAIR,
  },
  'vhdx.log.tornEntry': {
    means: 'An entry of the log was not written as a whole; it is not part of the replay.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhdx.log.staleEntry': {
    means: 'An entry of the log is older than those to be replayed.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
};
