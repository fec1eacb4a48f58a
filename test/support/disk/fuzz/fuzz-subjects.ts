import { crc32cWithoutField } from '../../../../src/engine/base/bytes/crc32c.ts';
import type { DiskFormat } from '../../../../src/engine/disk/image/disk-format.ts';
import { QCOW2 } from '../../../../src/engine/disk/qcow2/qcow2-format.ts';
import { vhdChecksum } from '../../../../src/engine/disk/vhd/structures/checksum.ts';
import { VHD } from '../../../../src/engine/disk/vhd/vhd-format.ts';
import { VHDS } from '../../../../src/engine/disk/vhds/vhds-format.ts';
import { VHDX } from '../../../../src/engine/disk/vhdx/vhdx-format.ts';
import { PageImage } from '../../files/page-storage.ts';
import { directory, table, withBitmap } from '../findings/qcow2-makers.ts';
import { soundQcow2, type Qcow2Victim } from '../findings/qcow2-victim.ts';
import { HEADER, soundVhd } from '../findings/vhd-victim.ts';
import { soundSet } from '../findings/vhds-victim.ts';
import { BAT, LOG, METADATA, soundImage } from '../vhdx-victim.ts';

/** A part of a file that holds structures, with the number of changes that it gets. */
interface HotPart {
  readonly start: number;
  readonly length: number;
}

/** A sound image, the parts of it that matter, and how its checksums are made right again. */
export interface FuzzSubject {
  readonly format: DiskFormat;
  readonly what: string;
  readonly image: PageImage;
  readonly hot: readonly HotPart[];
  readonly bigEndian: boolean;
  readonly seal: (image: PageImage) => void;
}

/** Sound images of every format that has structures. */
export async function fuzzSubjects(): Promise<readonly FuzzSubject[]> {
  const set = soundSet().bytes;
  return [
    ...(await Promise.all([vhdx('dynamic'), vhdx('differencing'), vhdx('dirty')])),
    ...(await Promise.all([vhd('fixed'), vhd('dynamic'), vhd('differencing')])),
    ...(await Promise.all([qcow2('dynamic'), qcow2('differencing'), qcow2('bitmaps')])),
    {
      format: VHDS,
      what: 'set',
      image: PageImage.of(set),
      hot: [0x1_0000, 0x2_0000, 0x4_0000].map((start) => ({ start, length: 96 })),
      bigEndian: false,
      seal: (image) => {
        for (const at of [0x1_0000, 0x2_0000]) sealLittle(image, at, 4096, 20);
      },
    },
  ];
}

async function vhdx(what: 'dynamic' | 'differencing' | 'dirty'): Promise<FuzzSubject> {
  const victim = await soundImage(what === 'dirty' ? 'dynamic' : what);
  if (what === 'dirty') {
    const page = { kind: 'page' as const, offset: BAT, bytes: victim.bytes(BAT, 4096) };
    victim.log({}, { writes: [page] });
  }
  return {
    format: VHDX,
    what,
    image: victim.image,
    hot: [
      { start: 0, length: 16 },
      { start: 0x1_0000, length: 96 },
      { start: 0x2_0000, length: 96 },
      { start: 0x3_0000, length: 96 },
      { start: LOG, length: what === 'dirty' ? 8192 : 64 },
      { start: METADATA, length: 256 },
      { start: METADATA + 0x1_0000, length: 512 },
      { start: BAT, length: 72 },
      { start: BAT + 4096 * 8, length: 8 },
    ],
    bigEndian: false,
    seal: (image) => {
      copy(image, 0x3_0000, 0x4_0000, 0x1_0000);
      for (const at of [0x1_0000, 0x2_0000]) sealLittle(image, at, 4096, 4);
      for (const at of [0x3_0000, 0x4_0000]) sealLittle(image, at, 0x1_0000, 4);
      if (what === 'dirty') for (const at of [0, 4096]) sealLogEntry(image, LOG + at);
    },
  };
}

async function vhd(what: 'fixed' | 'dynamic' | 'differencing'): Promise<FuzzSubject> {
  const victim = await soundVhd(what);
  const image = PageImage.of(victim.bytes);
  const footer = image.size - 512;
  const tables = [
    { start: 0, length: 88 },
    { start: HEADER, length: 1024 },
    { start: what === 'fixed' ? footer : victim.bat, length: 32 },
  ];
  return {
    format: VHD,
    what,
    image,
    hot: [{ start: footer, length: 88 }, ...(what === 'fixed' ? [] : tables)],
    bigEndian: true,
    seal: (each) => {
      // A footer that changed counts only if its copy does not contradict it.
      sealBig(each, each.size - 512, 512, 64);
      if (what === 'fixed') return;
      sealBig(each, 0, 512, 64);
      sealBig(each, HEADER, 1024, 36);
    },
  };
}

async function qcow2(what: 'dynamic' | 'differencing' | 'bitmaps'): Promise<FuzzSubject> {
  const sound = await soundQcow2(what === 'bitmaps' ? 'dynamic' : what);
  const victim: Qcow2Victim = what === 'bitmaps' ? withBitmap(sound) : sound;
  const bitmap =
    what === 'bitmaps'
      ? [directory(victim), table(victim)].map((start) => ({ start, length: 32 }))
      : [];
  const block = victim.place(victim.refcounts);
  return {
    format: QCOW2,
    what,
    image: PageImage.of(victim.bytes),
    hot: [
      { start: 0, length: 160 },
      { start: victim.l1, length: 32 },
      { start: victim.l2, length: 64 },
      { start: victim.refcounts, length: 16 },
      { start: block, length: 32 },
      ...bitmap,
    ],
    bigEndian: true,
    seal: () => undefined,
  };
}

function part(image: PageImage, at: number, length: number): Uint8Array | undefined {
  if (at < 0 || at + length > image.size) return undefined;
  const bytes = new Uint8Array(length);
  image.read(at, bytes);
  return bytes;
}

function copy(image: PageImage, from: number, to: number, length: number): void {
  const bytes = part(image, from, length);
  if (bytes !== undefined && to + length <= image.size) image.write(to, bytes);
}

function sealLittle(image: PageImage, at: number, length: number, field: number): void {
  const bytes = part(image, at, length);
  if (bytes === undefined) return;
  new DataView(bytes.buffer).setUint32(field, crc32cWithoutField(bytes, field), true);
  image.write(at, bytes);
}

function sealBig(image: PageImage, at: number, length: number, field: number): void {
  const bytes = part(image, at, length);
  if (bytes === undefined) return;
  new DataView(bytes.buffer).setUint32(field, vhdChecksum(bytes, field));
  image.write(at, bytes);
}

/** Seals a log entry over the length that it claims. */
function sealLogEntry(image: PageImage, at: number): void {
  const head = part(image, at, 64);
  if (head === undefined) return;
  const length = new DataView(head.buffer).getUint32(8, true);
  if (length >= 64 && length <= 65_536) sealLittle(image, at, length, 4);
}
