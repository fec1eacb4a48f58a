import { crc32cWithoutField } from '../../../../src/engine/base/bytes/crc32c.ts';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import { decodeLogEntry } from '../../../../src/engine/disk/vhdx/log/log-entry.ts';
import {
  decodeBitmapEntry,
  decodePayloadEntry,
} from '../../../../src/engine/disk/vhdx/structures/bat-entry.ts';
import { decodeFileIdentifier } from '../../../../src/engine/disk/vhdx/structures/file-identifier.ts';
import {
  chooseHeader,
  decodeHeader,
  judgeHeaders,
} from '../../../../src/engine/disk/vhdx/structures/header.ts';
import { decodeParentLocator } from '../../../../src/engine/disk/vhdx/structures/locator/parent-locator.ts';
import {
  decodeMetadataItems,
  itemsToRead,
} from '../../../../src/engine/disk/vhdx/structures/metadata/metadata-items.ts';
import { decodeMetadataTable } from '../../../../src/engine/disk/vhdx/structures/metadata/metadata-table.ts';
import {
  chooseRegionTable,
  judgeRegionTables,
} from '../../../../src/engine/disk/vhdx/structures/regions/region-table.ts';
import { BAT, LOG, METADATA, soundImage, type Victim } from '../vhdx-victim.ts';
import { sealer, type StructureParser } from './structure-parser.ts';

const REGIONS = 0x1_0000;
const seal = sealer(4, crc32cWithoutField, true);
const bigEndian = false;

/** The structures of a differencing VHDX with a dirty log. */
export async function vhdxParsers(): Promise<readonly StructureParser[]> {
  const victim = await soundImage('differencing');
  victim.log({}, { writes: [{ kind: 'page', offset: BAT, bytes: victim.bytes(BAT, 4096) }] });
  return [...heads(victim), ...tables(victim), ...metadata(victim)];
}

function heads(victim: Victim): readonly StructureParser[] {
  const [first, second] = [victim.bytes(0x1_0000, 4096), victim.bytes(0x2_0000, 4096)];
  const { logGuid } = decodeHeader(first, 0x1_0000);
  const ring = { logGuid, offset: LOG, length: 2 ** 20 };
  return [
    {
      name: 'VHDX file identifier',
      bytes: victim.bytes(0, 520),
      hot: 520,
      bigEndian,
      parse: (bytes) => {
        decodeFileIdentifier(bytes);
        return [];
      },
    },
    {
      name: 'VHDX header',
      bytes: first,
      hot: 80,
      bigEndian,
      seal,
      parse: (bytes) => {
        const { defects, together } = judgeHeaders(bytes, second);
        chooseHeader(bytes, second);
        return [...defects.flat(), ...together];
      },
    },
    {
      name: 'VHDX log entry',
      bytes: victim.bytes(LOG, 8192),
      hot: 160,
      bigEndian,
      seal,
      parse: (bytes) => {
        const entry = decodeLogEntry(bytes, ring, LOG);
        return 'defect' in entry ? [entry.defect] : [];
      },
    },
  ];
}

function tables(victim: Victim): readonly StructureParser[] {
  const table = victim.bytes(0x3_0000, REGIONS);
  return [
    {
      name: 'VHDX region table',
      bytes: table,
      hot: 112,
      bigEndian,
      seal,
      parse: (bytes) => {
        const { defects, together } = judgeRegionTables(bytes, table);
        chooseRegionTable(bytes, table);
        return [...defects.flat(), ...together];
      },
    },
    {
      name: 'VHDX block table',
      // The entries of eight blocks, and that of the sector bitmap of their chunk.
      bytes: Buffer.concat([victim.bytes(BAT, 64), victim.bytes(BAT + 4096 * 8, 8)]),
      hot: 72,
      bigEndian,
      parse: (bytes) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        for (let at = 0; at + 8 <= bytes.length; at += 8) {
          const [low, high] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
          const decode = at === 64 ? decodeBitmapEntry : decodePayloadEntry;
          decode(low, high, true, BAT + at);
        }
        return [];
      },
    },
  ];
}

function metadata(victim: Victim): readonly StructureParser[] {
  const bytes = victim.bytes(METADATA, 0x1_0000);
  const region = { offset: METADATA, length: 2 ** 20 };
  const known = itemsToRead(decodeMetadataTable(bytes, region), METADATA);
  const items = known.map(({ id, offset, length }) => ({
    id,
    offset,
    bytes: victim.bytes(METADATA + offset, length),
  }));
  const whole = Buffer.concat(items.map((item) => item.bytes));
  const [locator] = items.toSorted((a, b) => b.bytes.length - a.bytes.length);
  return [
    {
      name: 'VHDX metadata table',
      bytes,
      hot: 224,
      bigEndian,
      parse: (changed) => {
        itemsToRead(decodeMetadataTable(changed, region), METADATA);
        return [];
      },
    },
    {
      name: 'VHDX metadata items',
      bytes: whole,
      hot: whole.length,
      bigEndian,
      parse: (changed) => {
        const loaded = new Map<Guid, { readonly at: number; readonly bytes: Uint8Array }>();
        let at = 0;
        for (const item of items) {
          const part = changed.subarray(at, at + item.bytes.length);
          loaded.set(item.id, { at: METADATA + item.offset, bytes: part });
          at += item.bytes.length;
        }
        decodeMetadataItems(loaded);
        return [];
      },
    },
    {
      name: 'VHDX parent locator',
      bytes: locator?.bytes ?? new Uint8Array(),
      hot: locator?.bytes.length ?? 0,
      bigEndian,
      parse: (changed) => {
        decodeParentLocator(changed);
        return [];
      },
    },
  ];
}
