import type { RepairStep } from '../../../api/disk-check.ts';
import type { RepairStorage } from '../../image/image-repairs.ts';
import { readFooters, type Footers, type FoundFooter } from '../read/footers.ts';
import { vhdChecksum } from '../structures/checksum.ts';
import { CHECKSUM_AT, subformatOf } from '../structures/footer.ts';
import { FOOTER_SIZE } from '../structures/layout.ts';
import { footerPlace } from './footer-place.ts';
import { repairHeader } from './repair-header.ts';

/**
 * Repairs what the rest of a VHD proves: the footer from its copy and the copy from the footer, the
 * missing byte of a footer of 511 bytes, a checksum that both copies of the footer have wrong, and
 * that of a dynamic header all of whose values are confirmed. A footer and a copy that are both
 * valid but differ are left.
 */
export async function repairVhd(
  storage: RepairStorage,
  signal: AbortSignal,
): Promise<readonly RepairStep[]> {
  const footers = await readFooters(storage, signal);
  const steps = await repairChecksums(footers, storage, signal);
  // The place of a missing footer is behind the blocks that the header leads to.
  steps.push(...(await repairHeader(storage, signal)));
  steps.push(...(await repairFooter(footers, storage, signal)));
  return [...steps, ...(await repairCopy(footers, storage, signal))];
}

/** Both copies are equal but for damaged checksums: then each proves the other's values. */
async function repairChecksums(
  { tail, copy, used }: Footers,
  storage: RepairStorage,
  signal: AbortSignal,
): Promise<RepairStep[]> {
  if (used !== undefined || tail === undefined || copy === undefined) return [];
  const [own, other] = [withChecksum(tail.bytes), withChecksum(copy.bytes)];
  const onlyChecksum = [tail, copy].every(({ defects }) =>
    defects.every(({ code, error }) => error === undefined || code === 'vhd.footer.checksum'),
  );
  if (!onlyChecksum || own.some((byte, i) => byte !== other[i])) return [];
  await storage.write(tail.offset, own, signal);
  await storage.write(0, own, signal);
  const what = 'Write the checksum of the footer and of its copy, which are equal, again';
  return [{ code: 'vhd.footer.checksum', offset: tail.offset + CHECKSUM_AT, what }];
}

async function repairFooter(
  { tail, copy, used }: Footers,
  storage: RepairStorage,
  signal: AbortSignal,
): Promise<RepairStep[]> {
  if (used === undefined) return [];
  if (used === tail) {
    if (tail.bytes.length === FOOTER_SIZE) return [];
    const offset = tail.offset + tail.bytes.length;
    await storage.write(offset, new Uint8Array(1), signal);
    const what = 'Add the last byte of the footer, which Virtual PC before 2004 left out';
    return [{ code: 'vhd.footer.short', offset, what }];
  }
  if (used !== copy) return [];
  const offset = tail?.offset ?? (await footerPlace(storage, signal));
  if (offset === undefined) return [];
  await storage.write(offset, copy.bytes, signal);
  const code = errorOf(tail) ?? 'vhd.footer.missing';
  return [{ code, offset, what: 'Write the footer again from its copy at the start of the file' }];
}

async function repairCopy(
  { tail, copy, used }: Footers,
  storage: RepairStorage,
  signal: AbortSignal,
): Promise<RepairStep[]> {
  if (used === undefined || used !== tail || copy?.sound === true) return [];
  if (subformatOf(tail.footer) === 'fixed' || tail.offset < FOOTER_SIZE) return [];
  const bytes = new Uint8Array(FOOTER_SIZE);
  bytes.set(tail.bytes);
  await storage.write(0, bytes, signal);
  const what = 'Write the copy of the footer at the start of the file again';
  return [{ code: 'vhd.footer.copy', offset: 0, what }];
}

const errorOf = (footer: FoundFooter | undefined): string | undefined =>
  footer?.defects.find(({ error }) => error !== undefined)?.code;

function withChecksum(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(FOOTER_SIZE);
  whole.set(bytes);
  new DataView(whole.buffer).setUint32(CHECKSUM_AT, vhdChecksum(whole, CHECKSUM_AT));
  return whole;
}
