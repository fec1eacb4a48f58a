import type { ByteSource } from '../../../source/byte-source.ts';
import type { Defect } from '../../inspect/defect.ts';
import {
  decodeFooter,
  footerRules,
  isFooter,
  subformatOf,
  type VhdFooter,
} from '../structures/footer.ts';
import { FOOTER_SIZE, SHORT_FOOTER_SIZE } from '../structures/layout.ts';
import type { VhdErrorCode } from '../structures/vhd-errors.ts';

/** A footer, or its copy, as it lies in the file. */
export interface FoundFooter {
  readonly offset: number;
  /** 512 bytes, or 511 of Virtual PC before 2004. */
  readonly bytes: Uint8Array;
  readonly footer: VhdFooter;
  readonly defects: readonly Defect<VhdErrorCode>[];
  /** Readers may use it. */
  readonly sound: boolean;
}

export interface Footers {
  /** The one at the end of the file, sound or not. */
  readonly tail: FoundFooter | undefined;
  /** The one at the start; fixed disks have guest data there. */
  readonly copy: FoundFooter | undefined;
  /** The one that counts. */
  readonly used: FoundFooter | undefined;
  /** Defects of both, and of the pair. */
  readonly defects: readonly Defect<VhdErrorCode>[];
}

/**
 * Reads the footer at the end of the file and its copy at the start. The copy counts if the footer
 * is missing or damaged and the copy is the one of a dynamic or differencing disk.
 */
export async function readFooters(source: ByteSource, signal: AbortSignal): Promise<Footers> {
  const tail =
    (await footerAt(source, source.size - FOOTER_SIZE, signal)) ??
    (await footerAt(source, source.size - SHORT_FOOTER_SIZE, signal));
  const start = tail?.offset === 0 ? undefined : await footerAt(source, 0, signal);
  const tailFixed = tail?.sound === true && subformatOf(tail.footer) === 'fixed';
  // A fixed disk may hold an image of a disk; a copy of a fixed disk does not exist.
  const copy = tailFixed || start?.footer.type === 2 ? undefined : start;
  const used = tail?.sound === true ? tail : copy?.sound === true ? copy : undefined;
  return { tail, copy, used, defects: [...pairDefects(source, tail, copy, used)] };
}

function* pairDefects(
  source: ByteSource,
  tail: FoundFooter | undefined,
  copy: FoundFooter | undefined,
  used: FoundFooter | undefined,
): Generator<Defect<VhdErrorCode>> {
  const section = 'VHD 1.0, Hard Disk Footer Format';
  const place = Math.max(0, source.size - FOOTER_SIZE);
  if (used === undefined && tail === undefined && copy === undefined) {
    yield {
      code: 'vhd.footer.none',
      error: 'vhd.footer.none',
      structure: 'VHD footer',
      offset: place,
      found: 'other bytes',
      expected: 'conectix',
      section,
    };
    return;
  }
  // Its copy takes the place of a damaged footer: then its defects stop nobody.
  const replaced = used !== undefined && used === copy;
  for (const defect of tail?.defects ?? []) {
    const { error, ...rest } = defect;
    yield replaced && error !== undefined ? { ...rest, severity: 'warning' } : defect;
  }
  if (used === undefined) {
    yield* copy?.defects ?? [];
    return;
  }
  if (tail === undefined) {
    yield {
      code: 'vhd.footer.missing',
      severity: 'warning',
      structure: 'VHD footer',
      offset: place,
      found: 'other bytes',
      expected: 'conectix',
      section,
      text: 'the footer at the end of the file is missing; its copy at the start is used',
    };
  }
  if (used.bytes.length < FOOTER_SIZE) {
    yield {
      code: 'vhd.footer.short',
      severity: 'warning',
      structure: 'VHD footer',
      offset: used.offset,
      found: used.bytes.length,
      expected: FOOTER_SIZE,
      section,
      text: `the footer has ${used.bytes.length} bytes, as Virtual PC before 2004 wrote it; some programs look only at the last ${FOOTER_SIZE} bytes`,
    };
  }
  if (subformatOf(used.footer) === 'fixed') return;
  if (copy === undefined) {
    yield {
      code: 'vhd.footer.copy',
      severity: 'warning',
      structure: 'VHD footer copy',
      offset: 0,
      found: 'other bytes',
      expected: 'a copy of the footer',
      section,
    };
    return;
  }
  if (used === copy) {
    yield* copy.defects;
    return;
  }
  const differs = copy.bytes.some((byte, i) => byte !== (used.bytes[i] ?? 0));
  if (!differs) return;
  yield {
    code: copy.sound ? 'vhd.footer.differs' : 'vhd.footer.copy',
    severity: 'warning',
    structure: 'VHD footer copy',
    offset: 0,
    found: copy.sound ? 'other values' : 'damaged bytes',
    expected: 'a copy of the footer',
    section,
  };
}

async function footerAt(
  source: ByteSource,
  offset: number,
  signal: AbortSignal,
): Promise<FoundFooter | undefined> {
  if (offset < 0) return undefined;
  const bytes = new Uint8Array(Math.min(FOOTER_SIZE, source.size - offset));
  if (bytes.length < SHORT_FOOTER_SIZE) return undefined;
  await source.read(offset, bytes, signal);
  if (!isFooter(bytes)) return undefined;
  const defects = [...footerRules(bytes, offset)];
  const sound = defects.every(({ error }) => error === undefined);
  return { offset, bytes, footer: decodeFooter(bytes), defects, sound };
}
