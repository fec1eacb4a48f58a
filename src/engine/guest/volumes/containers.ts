import { labelText, utf8Label } from '../bytes/text.ts';
import { UNKNOWN, type Recognise } from './recognition.ts';

const SECTOR = 512;
const MD_MAGIC = 0xa92b4efc;

const HEADER_LIMIT = 4096;

/**
 * LVM2 physical volume: "LABELONE" at the start of one of the first four sectors, type "LVM2 001"
 * at 24 of it; the header at the offset of the field 20 begins with the UUID (32 characters) and the
 * size of the device (lvm2, lib/format_text/layout.h).
 */
export const recogniseLvm: Recognise = async (head) => {
  for (let at = 0; at < 4 * SECTOR; at += SECTOR) {
    if (!head.has(at, 'LABELONE') || !head.has(at + 24, 'LVM2 001')) continue;
    const header = at + head.u32(at + 20);
    if (header > HEADER_LIMIT) return undefined;
    const id = head
      .ascii(header, 32)
      .replace(/^(.{6})(.{4})(.{4})(.{4})(.{4})(.{4})(.{6})$/, '$1-$2-$3-$4-$5-$6-$7');
    const size = head.u64(header + 32);
    const name = 'LVM physical volume';
    return { ...UNKNOWN, kind: 'lvm', name, id: labelText(id), size: size === 0 ? null : size };
  }
  return undefined;
};

/**
 * Linux software RAID, superblock version 1 (linux, md_p.h): magic A92B4EFC at 4096 (1.2) or 0
 * (1.1), UUID of the set at 16, its name at 32.
 */
export const recogniseRaid: Recognise = async (head) => {
  const at = [4096, 0].find((each) => head.u32(each) === MD_MAGIC && head.u32(each + 4) === 1);
  if (at === undefined) return undefined;
  const [id, label] = [head.uuid(at + 16), utf8Label(head.slice(at + 32, 32))];
  return { ...UNKNOWN, kind: 'raid', name: 'Linux RAID member', id, label };
};

/**
 * Windows dynamic disk: the private header "PRIVHEAD" of the logical disk manager in sector 6, with
 * the disk's GUID as text at 48, and the name of its group at 240 (libvslvm and linux, fs/partitions/ldm.h;
 * UNCONFIRMED by Microsoft, who does not publish it).
 */
export const recogniseDynamicDisk: Recognise = async (head) => {
  const at = 6 * SECTOR;
  if (!head.has(at, 'PRIVHEAD')) return undefined;
  const [id, label] = [labelText(head.ascii(at + 48, 64)), labelText(head.ascii(at + 240, 32))];
  return { ...UNKNOWN, kind: 'dynamic', name: 'Windows dynamic disk', id, label };
};
