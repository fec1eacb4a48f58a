import { crc32cWithoutField } from '../../../../src/engine/base/bytes/crc32c.ts';
import {
  backingNameRules,
  decodeBacking,
} from '../../../../src/engine/disk/qcow2/structures/backing-file.ts';
import { bitmapsRules } from '../../../../src/engine/disk/qcow2/structures/bitmaps-extension.ts';
import { decodeExtensions } from '../../../../src/engine/disk/qcow2/structures/header-extensions.ts';
import { headerRules } from '../../../../src/engine/disk/qcow2/structures/header-rules.ts';
import { decodeHeader, geometry } from '../../../../src/engine/disk/qcow2/structures/header.ts';
import { decodeL1Entry, l1Defect } from '../../../../src/engine/disk/qcow2/structures/l1-table.ts';
import { decodeL2Entry } from '../../../../src/engine/disk/qcow2/structures/l2-entry.ts';
import { l2Defect } from '../../../../src/engine/disk/qcow2/structures/l2-rules.ts';
import { placeRules } from '../../../../src/engine/disk/qcow2/structures/place-rules.ts';
import { vhdChecksum } from '../../../../src/engine/disk/vhd/structures/checksum.ts';
import { diskSize } from '../../../../src/engine/disk/vhd/structures/disk-size.ts';
import * as dynamic from '../../../../src/engine/disk/vhd/structures/dynamic-header.ts';
import { decodeFooter, footerRules } from '../../../../src/engine/disk/vhd/structures/footer.ts';
import { isUsed, locatorText } from '../../../../src/engine/disk/vhd/structures/locator-entry.ts';
import { locatorRules } from '../../../../src/engine/disk/vhd/structures/locator-rules.ts';
import { decodeSetHeader, setHeaderRules } from '../../../../src/engine/disk/vhds/set-header.ts';
import { soundQcow2 } from '../findings/qcow2-victim.ts';
import { HEADER, soundVhd, VHD_SIZE } from '../findings/vhd-victim.ts';
import { soundSet } from '../findings/vhds-victim.ts';
import { FILE_SIZE, sealer, type StructureParser } from './structure-parser.ts';

const bigEndian = true;

/** The structures of a differencing VHD. */
export async function vhdParsers(): Promise<readonly StructureParser[]> {
  const { bytes } = await soundVhd('differencing');
  return [
    {
      name: 'VHD footer',
      bytes: bytes.slice(0, 512),
      hot: 88,
      bigEndian,
      seal: sealer(64, vhdChecksum, false),
      parse: (changed) => {
        const found = [...footerRules(changed, 0)];
        if (changed.length >= 511) diskSize(decodeFooter(changed), FILE_SIZE);
        return found;
      },
    },
    {
      name: 'VHD dynamic header',
      bytes: bytes.slice(HEADER, HEADER + 1024),
      hot: 800,
      bigEndian,
      seal: sealer(36, vhdChecksum, false),
      parse: (changed) => {
        if (changed.length < 1024) return [];
        const found = [...dynamic.headerRules(changed, HEADER, FILE_SIZE, VHD_SIZE)];
        for (const [i, entry] of dynamic.decodeHeader(changed).locators.entries()) {
          if (!isUsed(entry)) continue;
          found.push(...locatorRules(entry, i, HEADER, FILE_SIZE));
          locatorText(entry.code, changed.subarray(64, 576));
        }
        return found;
      },
    },
  ];
}

/** The structures of a qcow2 image with a backing file. */
export async function qcow2Parsers(): Promise<readonly StructureParser[]> {
  const victim = await soundQcow2('differencing');
  const first = victim.bytes.slice(0, victim.cluster);
  const shape = geometry(decodeHeader(first));
  const entryBytes = shape.extended ? 16 : 8;
  return [
    {
      name: 'qcow2 header',
      bytes: first.slice(0, 1024),
      hot: 200,
      bigEndian,
      parse: (changed) => {
        const found = [...headerRules(changed, FILE_SIZE)];
        if (found.some(({ error }) => error !== undefined)) return found;
        const header = decodeHeader(changed);
        geometry(header);
        const { extensions, defects } = decodeExtensions(changed, header);
        found.push(...defects, ...placeRules(header, FILE_SIZE));
        const backing = decodeBacking(changed, header, extensions);
        const more = [...bitmapsRules(header, extensions, FILE_SIZE)];
        if (backing !== undefined) more.push(...backingNameRules(backing, header));
        return [...found, ...more];
      },
    },
    {
      name: 'qcow2 mapping tables',
      bytes: Uint8Array.from([
        ...victim.bytes.slice(victim.l1, victim.l1 + 8),
        ...victim.bytes.slice(victim.l2, victim.l2 + 64),
      ]),
      hot: 72,
      bigEndian,
      parse: (changed) => {
        const view = new DataView(changed.buffer, changed.byteOffset, changed.byteLength);
        if (changed.length < 8) return [];
        const found = [l1Defect(decodeL1Entry(view, 0), 0, 0, shape, FILE_SIZE)];
        for (let at = 8; at + entryBytes <= changed.length; at += entryBytes) {
          const entry = decodeL2Entry(view, at, shape);
          found.push(l2Defect(entry, (at - 8) / entryBytes, at, shape, FILE_SIZE));
        }
        return found;
      },
    },
  ];
}

/** The header of a VHD Set. */
export function setParser(): StructureParser {
  const { bytes } = soundSet();
  return {
    name: 'VHD Set header',
    bytes: bytes.slice(0x1_0000, 0x1_0000 + 4096),
    hot: 96,
    bigEndian: false,
    seal: sealer(20, crc32cWithoutField, true),
    parse: (changed) => {
      const found = [...setHeaderRules(changed, 0x1_0000, FILE_SIZE)];
      if (changed.length >= 4096) decodeSetHeader(changed);
      return found;
    },
  };
}
