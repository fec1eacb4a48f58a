import type { Advice } from './advice-row.ts';
import { ACCEPTS, BACKUP, CONVERT, NOTHING, REBASE, REFUSES, UNKNOWN } from './words.ts';

/** Advice about the codes of one group. */
export const METADATA_ADVICE: Readonly<Record<string, Advice>> = {
  'vhdx.metadata.signature': {
    means: 'The metadata region does not begin with “metadata”.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.metadata.count': {
    means: 'The metadata table claims more entries than fit into it.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.metadata.users': {
    means: 'The metadata table has more than 1024 items of users.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.metadata.reserved': {
    means: 'Reserved bytes of the metadata table are not zero.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhdx.metadata.entryReserved': {
    means: 'Reserved bytes of an entry of the metadata table are not zero.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhdx.metadata.flags': {
    means: 'Reserved bits of an entry of the metadata table are not zero.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhdx.metadata.itemOffset': {
    means: 'A metadata item lies outside the metadata region, or over its table.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.metadata.itemLength': {
    means: 'A metadata item is longer than 1 MiB.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.metadata.duplicate': {
    means: 'A metadata item is listed twice.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.metadata.overlap': { means: 'Two metadata items overlap.', windows: REFUSES, fix: BACKUP },
  'vhdx.metadata.missing': {
    means: 'An item that every disk has is missing.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.metadata.short': {
    means: 'An item that every disk has is too short.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.metadata.unknown': {
    means: 'The file has an item of an unknown kind that readers must understand.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.metadata.optional': {
    means: 'The file has an item of an unknown kind that readers may ignore.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhdx.metadata.incomplete': {
    means: 'The file is marked as one whose creation was not completed.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.metadata.itemFlags': {
    means: 'A known item has other flags than the specification gives it.',
    windows: UNKNOWN,
    fix: CONVERT,
  },
  'vhdx.metadata.blockSize': {
    means: 'The block size is not a power of two from 1 MiB to 256 MiB.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.metadata.parameterBits': {
    means: 'Reserved bits of the file parameters are not zero.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhdx.metadata.diskSize': {
    means: 'The size of the disk is 0 or more than 64 TiB.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.metadata.sizeSectors': {
    means: 'The size of the disk is not a whole number of its sectors.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.metadata.logicalSector': {
    means: 'The logical sector size is neither 512 nor 4096.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.metadata.physicalSector': {
    means: 'The physical sector size is neither 512 nor 4096.',
    windows: REFUSES,
    fix: BACKUP,
  },
  'vhdx.metadata.sectorOrder': {
    means: 'The physical sector is smaller than the logical one.',
    windows: UNKNOWN,
    fix: CONVERT,
  },
  'vhdx.metadata.diskId': {
    means: 'The disk has no identity, so two of them look like one to a guest.',
    windows: ACCEPTS,
    fix: CONVERT,
  },
  'vhdx.metadata.fixedChild': {
    means: 'The file is both a fixed and a differencing disk by its parameters.',
    windows: UNKNOWN,
    fix: CONVERT,
  },
  'vhdx.locator.missing': {
    means: 'The parameters promise a parent, but no locator names it.',
    windows: REFUSES,
    fix: REBASE,
  },
  'vhdx.locator.stray': {
    means: 'The image has a parent locator, but its parameters say that it has no parent.',
    windows: UNKNOWN,
    fix: NOTHING,
  },
  'vhdx.locator.type': {
    means: 'The parent locator is of an unknown type.',
    windows: REFUSES,
    fix: REBASE,
  },
  'vhdx.locator.reserved': {
    means: 'Reserved bytes of the parent locator are not zero.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhdx.locator.count': {
    means: 'The parent locator claims more keys than any writer stores.',
    windows: REFUSES,
    fix: REBASE,
  },
  'vhdx.locator.entries': {
    means: 'The parent locator claims more keys than it has room for.',
    windows: REFUSES,
    fix: REBASE,
  },
  'vhdx.locator.entry': {
    means: 'A key of the parent locator, or its value, lies outside of it.',
    windows: REFUSES,
    fix: REBASE,
  },
  'vhdx.locator.emptyKey': {
    means: 'The parent locator has a key without a name.',
    windows: REFUSES,
    fix: REBASE,
  },
  'vhdx.locator.duplicate': {
    means: 'The parent locator has a key twice.',
    windows: REFUSES,
    fix: REBASE,
  },
  'vhdx.locator.nul': {
    means:
      'A text of the parent locator contains a NUL character; programs may stop reading there.',
    windows: UNKNOWN,
    fix: REBASE,
  },
  'vhdx.locator.keyCase': {
    means: 'A key of the parent locator has letters of another case, so readers ignore it.',
    windows: ACCEPTS,
    fix: REBASE,
  },
  'vhdx.locator.unknownKey': {
    means: 'The parent locator has a key that no specification describes.',
    windows: ACCEPTS,
    fix: NOTHING,
  },
  'vhdx.locator.linkage': {
    means: 'The parent locator does not name the identity of the parent.',
    windows: REFUSES,
    fix: REBASE,
  },
  'vhdx.locator.linkageText': {
    means: 'The identity of the parent is not a GUID.',
    windows: REFUSES,
    fix: REBASE,
  },
  'vhdx.locator.linkage2Text': {
    means: 'The second identity of the parent is not a GUID.',
    windows: UNKNOWN,
    fix: REBASE,
  },
  'vhdx.locator.linkageNil': {
    means: 'The identity of the parent is a GUID of zeros, which no parent has.',
    windows: REFUSES,
    fix: REBASE,
  },
  'vhdx.locator.noPath': {
    means: 'The parent locator holds no path to the parent.',
    windows: REFUSES,
    fix: REBASE,
  },
  'vhdx.locator.noRelative': {
    means: 'The parent locator holds absolute paths only.',
    windows: ACCEPTS,
    fix: REBASE,
  },
  'vhdx.locator.relativeForm': {
    means: 'The relative path is an absolute one, or has slashes instead of backslashes.',
    windows: UNKNOWN,
    fix: REBASE,
  },
};
