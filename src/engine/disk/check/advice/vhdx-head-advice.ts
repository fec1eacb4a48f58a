import type { Advice } from './advice-row.ts';
import {
  ACCEPTS,
  BACKUP,
  CONVERT,
  NOTHING,
  OTHER_COPY,
  REFUSES,
  REPAIR,
  UNKNOWN,
} from './words.ts';

/** Advice about the codes of one group. */
export const HEAD_ADVICE: Readonly<Record<string, Advice>> = {
  'vhdx.signature': {
    means: 'The file does not begin with “vhdxfile”; other structures show that it is a VHDX.',
    windows: REFUSES,
    fix: REPAIR,
  },
  'vhdx.truncated': {
    means: 'The file ends before a structure that it must have.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.header.signature': {
    means: 'A header does not begin with “head”.',
    windows: OTHER_COPY,
    fix: REPAIR,
  },
  'vhdx.header.checksum': {
    means: 'The bytes of a header do not have the checksum that it stores.',
    windows: OTHER_COPY,
    fix: REPAIR,
  },
  'vhdx.header.none': {
    means: 'Neither of the two headers is valid, so nothing says where the log is.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.header.version': {
    means: 'The file has a version that no specification describes.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.header.logVersion': {
    means: 'The log has a version that no specification describes.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.header.logLength': {
    means: 'The header gives the log an impossible length.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.header.logOffset': {
    means: 'The header gives the log an impossible place.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.header.noLog': {
    means: 'The header says that there is something to replay, but names no log.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.header.reserved': {
    means: 'Reserved bytes of a header are not zero.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhdx.header.tie': {
    means:
      'Both headers have the same sequence number, but differ, so which one is newer is unknown.',
    windows: UNKNOWN,
    fix: CONVERT,
  },
  'vhdx.region.signature': {
    means: 'A region table does not begin with “regi”.',
    windows: OTHER_COPY,
    fix: REPAIR,
  },
  'vhdx.region.checksum': {
    means: 'The bytes of a region table do not have the checksum that it stores.',
    windows: OTHER_COPY,
    fix: REPAIR,
  },
  'vhdx.region.none': {
    means:
      'Neither of the two region tables is valid, so nothing says where the tables of the disk are.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.region.copies': {
    means: 'The two region tables are valid, but differ.',
    windows: UNKNOWN,
    fix: CONVERT,
  },
  'vhdx.region.count': {
    means: 'A region table claims more entries than fit into it.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.region.reserved': {
    means: 'Reserved bytes of a region table are not zero.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhdx.region.flags': {
    means: 'Reserved bits of an entry of the region table are not zero.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhdx.region.offset': {
    means: 'A region lies at an impossible place: inside the headers, or not at a whole MiB.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.region.length': {
    means: 'A region has an impossible length: zero, or no whole MiB.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.region.limit': {
    means: 'The BAT or the metadata region is longer than that of any disk.',
    windows: UNKNOWN,
    fix: BACKUP,
  },
  'vhdx.region.duplicate': { means: 'A region is listed twice.', windows: REFUSES, fix: BACKUP },
  'vhdx.region.overlap': { means: 'Two regions overlap.', windows: REFUSES, fix: BACKUP },
  'vhdx.region.overLog': { means: 'A region lies over the log.', windows: REFUSES, fix: BACKUP },
  'vhdx.region.missing': {
    means: 'The region table has no BAT or no metadata region.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.region.unknown': {
    means: 'The file has a region of an unknown kind that readers must understand.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.region.optional': {
    means: 'The file has a region of an unknown kind that readers may ignore.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhdx.region.beyond': {
    means: 'A region ends behind the end of the file.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.file.size': {
    means: 'The size of the file is not a whole number of MiB. Disk2vhd writes such files.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhdx.file.unused': {
    means: 'Parts of the file belong to nothing: deleted blocks, or space for later.',
    windows: ACCEPTS,
    fix: CONVERT,
  },
  'vhdx.file.reserved': {
    means: 'The reserved space before 1 MiB is not zero.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
};
