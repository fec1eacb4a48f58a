import type { Advice } from './advice-row.ts';
import { BACKUP, CONVERT, NOTHING, REPAIR } from './words.ts';

const WINDOWS = 'Windows does not read qcow2.';
const QEMU_CONVERT = 'Convert the image with `qemu-img convert`.';

const row = (means: string, fix: string): Advice => ({ means, windows: WINDOWS, fix });

/** Advice about qcow2 images. */
export const QCOW2_ADVICE: Readonly<Record<string, Advice>> = {
  'qcow2.signature': row('The file does not begin with the signature of qcow2.', BACKUP),
  'qcow2.version': row('The version is neither 2 nor 3.', QEMU_CONVERT),
  'qcow2.truncated': row('The file ends before its header does.', BACKUP),
  'qcow2.feature.unknown': row('The image needs features that are not known.', QEMU_CONVERT),
  'qcow2.feature.dataFile': row('The contents lie in an external data file.', QEMU_CONVERT),
  'qcow2.feature.corrupt': row('A program has marked the image as corrupt.', REPAIR),
  'qcow2.feature.dirty': row(
    'The image was not closed; its refcounts may be wrong, its contents are not.',
    REPAIR,
  ),
  'qcow2.encrypted': row('The contents are encrypted.', QEMU_CONVERT),
  'qcow2.header.clusterBits': row('The cluster size is not one from 512 bytes to 2 MiB.', BACKUP),
  'qcow2.header.length': row('The length of the header is not possible.', BACKUP),
  'qcow2.header.refcountOrder': row('The size of refcounts is not possible.', BACKUP),
  'qcow2.header.compressionMark': row(
    'The compression type and the feature bit that announces it differ.',
    BACKUP,
  ),
  'qcow2.header.compressionType': row('The compression type is not known.', QEMU_CONVERT),
  'qcow2.header.padding': row('Bytes behind the compression type are not zero.', NOTHING),
  'qcow2.header.extendedClusterBits': row(
    'Extended L2 entries need clusters of at least 16 KiB.',
    BACKUP,
  ),
  'qcow2.header.size': row('The virtual size is larger than any program supports.', BACKUP),
  'qcow2.header.sizeSectors': row('The virtual size is not a multiple of 512 bytes.', NOTHING),
  'qcow2.l1.size': row('The L1 table has too few or too many entries.', BACKUP),
  'qcow2.l1.place': row('The L1 table lies outside the file.', BACKUP),
  'qcow2.l1.reserved': row('Reserved bits of an L1 entry are not zero.', BACKUP),
  'qcow2.l1.alignment': row('An L2 table does not begin at a cluster.', BACKUP),
  'qcow2.l1.beyond': row('An L2 table lies behind the end of the file.', BACKUP),
  'qcow2.l1.shared': row('The L1 table names more L2 tables than the file can hold.', BACKUP),
  'qcow2.l2.reserved': row('Reserved bits of an L2 entry are not zero.', BACKUP),
  'qcow2.l2.compressed': row('Compressed data lies outside the file.', BACKUP),
  'qcow2.l2.zeroFlag': row('An L2 entry has a zero flag that its version does not know.', BACKUP),
  'qcow2.l2.subclusters': row('A subcluster is allocated and zero at the same time.', BACKUP),
  'qcow2.l2.offset': row('Subclusters are allocated in a cluster that does not exist.', BACKUP),
  'qcow2.l2.alignment': row('Data does not begin at a cluster.', BACKUP),
  'qcow2.l2.beyond': row('Data lies behind the end of the file.', BACKUP),
  'qcow2.backing.length': row('The name of the backing file is too long.', BACKUP),
  'qcow2.backing.place': row('The name of the backing file lies outside the header.', BACKUP),
  'qcow2.backing.text': row('The name of the backing file is not text.', BACKUP),
  'qcow2.backing.outside': row(
    'The backing file is not in or below the folder of the image. Refpoint does not follow it.',
    'Move the backing file beside the image, and name it again with `qemu-img rebase -u`.',
  ),
  'qcow2.backing.format': row('The format of the backing file is not known.', QEMU_CONVERT),
  'qcow2.backing.unformatted': row(
    'The image does not record the format of its backing file, which is detected instead.',
    'Record it with `qemu-img rebase -u -F FORMAT`.',
  ),
  'qcow2.extension.length': row('A header extension passes the end of its area.', BACKUP),
  'qcow2.extension.duplicate': row('A header extension occurs twice.', BACKUP),
  'qcow2.bitmaps.missing': row('The bitmaps that a feature bit announces are missing.', NOTHING),
  'qcow2.bitmaps.length': row('The bitmaps extension has a wrong length.', CONVERT),
  'qcow2.bitmaps.count': row('The number of bitmaps is not possible.', CONVERT),
  'qcow2.bitmaps.reserved': row('Reserved bytes of the bitmaps extension are not zero.', NOTHING),
  'qcow2.bitmaps.place': row('The directory of bitmaps lies outside the file.', CONVERT),
  'qcow2.bitmaps.entry': row('The directory of bitmaps has an impossible entry.', CONVERT),
  'qcow2.bitmaps.table': row(
    'The table of a bitmap names something that is not a cluster.',
    CONVERT,
  ),
  'qcow2.bitmaps.ignored': row(
    'The image has bitmaps of changed parts. They do not belong to the contents of the disk.',
    'Nothing has to be done. `qemu-img convert --bitmaps` copies them.',
  ),
  'qcow2.bitmaps.stale': row(
    'A program that does not know the bitmaps of the image has written to it since: they are outdated.',
    'Remove them with `qemu-img bitmap --remove`, then run `qemu-img check -r leaks`.',
  ),
  'qcow2.snapshots.count': row('The image has more snapshots than any program makes.', CONVERT),
  'qcow2.snapshots.place': row('The snapshot table lies outside the file.', CONVERT),
  'qcow2.snapshots.entry': row('The L1 table of a snapshot lies outside the file.', CONVERT),
  'qcow2.refcountTable.size': row('The refcount table has an impossible size.', REPAIR),
  'qcow2.refcountTable.place': row('The refcount table lies outside the file.', REPAIR),
  'qcow2.refcountTable.entry': row('A refcount block lies outside the file.', REPAIR),
  'qcow2.refcount.low': row(
    'A cluster has more references than its refcount says; a write may destroy data.',
    `Do not write to the image. ${REPAIR}`,
  ),
  'qcow2.refcount.leaked': row('A cluster is marked as used, and nothing uses it.', REPAIR),
  'qcow2.refcount.copied': row('The flag of a refcount of one differs from the refcount.', REPAIR),
  'qcow2.refcount.unchecked': row('The refcounts of the image were not compared.', NOTHING),
};
