import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { thinned } from '../../../../support/checks/properties.ts';
import type { ErrorCode } from '../../../../../src/engine/api/codes.ts';
import { crc32cWithoutField } from '../../../../../src/engine/base/bytes/crc32c.ts';
import { EngineError, isEngineError } from '../../../../../src/engine/base/errors.ts';
import { newGuid, NIL_GUID } from '../../../../../src/engine/base/guid.ts';
import {
  decodeBitmapEntry,
  decodePayloadEntry,
} from '../../../../../src/engine/disk/vhdx/structures/bat-entry.ts';
import { decodeFileIdentifier } from '../../../../../src/engine/disk/vhdx/structures/file-identifier.ts';
import {
  chooseHeader,
  encodeHeader,
} from '../../../../../src/engine/disk/vhdx/structures/header.ts';
import {
  ITEM_FILE_PARAMETERS,
  ITEM_INCOMPLETE,
  ITEM_LOGICAL_SECTOR_SIZE,
  ITEM_PARENT_LOCATOR,
  ITEM_VIRTUAL_SIZE,
  MIB,
  REGION_BAT,
  REGION_METADATA,
} from '../../../../../src/engine/disk/vhdx/structures/layout.ts';
import { TIB } from '../../../../support/disk/sizes.ts';
import type { LoadedItem } from '../../../../../src/engine/disk/vhdx/structures/metadata/item-rules.ts';
import { decodeLogEntry } from '../../../../../src/engine/disk/vhdx/log/log-entry.ts';
import {
  decodeMetadataItems,
  itemsToRead,
  metadataItems,
  type VhdxMetadata,
} from '../../../../../src/engine/disk/vhdx/structures/metadata/metadata-items.ts';
import type { MetadataEntry } from '../../../../../src/engine/disk/vhdx/structures/metadata/metadata-entry.ts';
import {
  decodeMetadataTable,
  encodeMetadataTable,
} from '../../../../../src/engine/disk/vhdx/structures/metadata/metadata-table.ts';
import {
  decodeParentLocator,
  encodeParentLocator,
} from '../../../../../src/engine/disk/vhdx/structures/locator/parent-locator.ts';
import type { Region } from '../../../../../src/engine/disk/vhdx/structures/regions/region-entry.ts';
import {
  chooseRegionTable,
  encodeRegionTable,
} from '../../../../../src/engine/disk/vhdx/structures/regions/region-table.ts';

const code = (wanted: ErrorCode) => (error: unknown) => {
  assert.ok(isEngineError(error, wanted), `${wanted} was expected: ${String(error)}`);
  return true;
};
const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset);
/** Puts the right checksum over bytes that were changed. */
function seal(bytes: Uint8Array): Uint8Array {
  view(bytes).setUint32(4, crc32cWithoutField(bytes, 4), true);
  return bytes;
}

const header = {
  sequenceNumber: 1n,
  fileWriteGuid: newGuid(),
  dataWriteGuid: newGuid(),
  logGuid: NIL_GUID,
  logVersion: 0,
  version: 1,
  logLength: MIB,
  logOffset: MIB,
};
const empty = new Uint8Array(4096);

test('a file that is no VHDX is told so', () => {
  for (const bytes of [
    new Uint8Array(0),
    new Uint8Array(520),
    new TextEncoder().encode('vhdxfil'),
  ]) {
    assert.throws(() => decodeFileIdentifier(bytes), code('vhdx.signature'));
  }
});

test('headers: none valid, a wrong version, a log that lies nowhere', () => {
  assert.throws(() => chooseHeader(empty, empty), code('vhdx.header.none'));
  assert.throws(() => chooseHeader(new Uint8Array(3), empty), code('vhdx.header.none'));
  const version = encodeHeader({ ...header, version: 2 });
  assert.throws(() => chooseHeader(version, empty), code('vhdx.header.version'));
  const logVersion = encodeHeader({ ...header, logVersion: 1, logGuid: newGuid() });
  assert.throws(() => chooseHeader(logVersion, empty), code('vhdx.header.version'));
  chooseHeader(encodeHeader({ ...header, logVersion: 1 }), empty);
  for (const log of [
    { logLength: 4096 },
    { logLength: 2048 * MIB },
    { logOffset: 0 },
    { logOffset: MIB + 4096 },
    { logLength: 0, logGuid: newGuid() },
  ]) {
    assert.throws(
      () => chooseHeader(encodeHeader({ ...header, ...log }), empty),
      code('vhdx.header.log'),
    );
  }
  const far = encodeHeader(header);
  view(far).setBigUint64(72, 2n ** 60n, true);
  assert.throws(() => chooseHeader(seal(far), encodeHeader(header)), code('bytes.u64'));
});

const bat: Region = { id: REGION_BAT, offset: 3 * MIB, length: MIB, required: true };
const metadata: Region = { id: REGION_METADATA, offset: 2 * MIB, length: MIB, required: true };

test('region tables: counts, places, overlaps, doubles, unknown and absent regions', () => {
  const table = (changed: Partial<Region>, ...others: Region[]): Uint8Array =>
    encodeRegionTable({ bat: { ...bat, ...changed }, metadata, others });
  const refuse = (bytes: Uint8Array, wanted: ErrorCode): void =>
    assert.throws(() => chooseRegionTable(bytes, new Uint8Array(0)), code(wanted));
  refuse(table({ offset: 0 }), 'vhdx.region.place');
  refuse(table({ offset: 3 * MIB + 512 }), 'vhdx.region.place');
  refuse(table({ length: 0 }), 'vhdx.region.place');
  refuse(table({ length: 4095 * MIB }), 'vhdx.region.place');
  refuse(table({ offset: 2 * MIB }), 'vhdx.region.overlap');
  refuse(table({ id: REGION_METADATA }), 'vhdx.region.duplicate');
  refuse(table({ id: newGuid(), required: false }), 'vhdx.region.missing');
  const foreign = { id: newGuid(), offset: 9 * MIB, length: MIB };
  refuse(table({}, { ...foreign, required: true }), 'vhdx.region.unknown');
  chooseRegionTable(table({}, { ...foreign, required: false }), new Uint8Array(0));
  const many = table({});
  view(many).setUint32(8, 2048, true);
  refuse(seal(many), 'vhdx.region.count');
  assert.throws(
    () => chooseRegionTable(new Uint8Array(65536), new Uint8Array(65536)),
    code('vhdx.region.none'),
  );
});

const place = { offset: 2 * MIB, length: MIB };
const entry: MetadataEntry = {
  id: newGuid(),
  offset: 65536,
  length: 8,
  isUser: false,
  isVirtualDisk: false,
  isRequired: false,
};

test('metadata tables: counts, places, overlaps, doubles', () => {
  const refuse = (entries: MetadataEntry[], wanted: ErrorCode): void =>
    assert.throws(() => decodeMetadataTable(encodeMetadataTable(entries), place), code(wanted));
  refuse([{ ...entry, offset: 100 }], 'vhdx.metadata.place');
  refuse([{ ...entry, offset: MIB - 4 }], 'vhdx.metadata.place');
  refuse([{ ...entry, length: MIB + 1 }], 'vhdx.metadata.place');
  refuse([{ ...entry, offset: 2 ** 32 - 4 }], 'vhdx.metadata.place');
  refuse([entry, entry], 'vhdx.metadata.duplicate');
  refuse([entry, { ...entry, id: newGuid(), offset: 65540 }], 'vhdx.metadata.overlap');
  const users = Array.from({ length: 1025 }, () => ({
    ...entry,
    id: newGuid(),
    isUser: true,
    offset: 0,
    length: 0,
  }));
  refuse(users, 'vhdx.metadata.count');
  const bytes = encodeMetadataTable([]);
  view(bytes).setUint16(10, 2048, true);
  assert.throws(() => decodeMetadataTable(bytes, place), code('vhdx.metadata.count'));
  assert.throws(
    () => decodeMetadataTable(new Uint8Array(65536), place),
    code('vhdx.metadata.signature'),
  );
});

const sound: VhdxMetadata = {
  blockSize: 2 * MIB,
  leaveBlocksAllocated: false,
  virtualSize: 64 * MIB,
  logicalSectorSize: 512,
  physicalSectorSize: 4096,
  diskId: newGuid(),
  parent: { linkage: newGuid(), relativePath: '.\\a.vhdx' },
};

function items(): Map<ReturnType<typeof newGuid>, LoadedItem> {
  return new Map(metadataItems(sound).map((item) => [item.entry.id, { at: 0, bytes: item.bytes }]));
}

test('metadata items: absent, unknown but required, unfinished files', () => {
  const entries = metadataItems(sound).map(({ entry: e, bytes }) => ({
    ...e,
    offset: 65536,
    length: bytes.length,
  }));
  const refuse = (list: MetadataEntry[], wanted: ErrorCode): void =>
    assert.throws(() => itemsToRead(list, 2 * MIB), code(wanted));
  for (let i = 0; i < 5; i++) refuse(entries.toSpliced(i, 1), 'vhdx.metadata.missing');
  refuse([{ ...(entries[0] as MetadataEntry), length: 4 }], 'vhdx.metadata.missing');
  refuse([...entries, { ...entry, isRequired: true }], 'vhdx.metadata.unknown');
  refuse([...entries, { ...entry, isRequired: true, isUser: true }], 'vhdx.metadata.unknown');
  const user = { ...entry, id: ITEM_FILE_PARAMETERS, isUser: true, isRequired: true };
  refuse([...entries, user], 'vhdx.metadata.unknown');
  refuse([...entries, { ...entry, id: ITEM_INCOMPLETE }], 'vhdx.metadata.incomplete');
  itemsToRead([...entries, entry], 2 * MIB);
});

test('metadata items: values that no disk has', () => {
  const refuse = (id: string, offset: number, value: bigint, wanted: ErrorCode): void => {
    const changed = items();
    const bytes = new Uint8Array(8);
    const old = changed.get(id as ReturnType<typeof newGuid>);
    assert.ok(old !== undefined);
    bytes.set(old.bytes.subarray(0, 8));
    if (offset === 0 && id === ITEM_VIRTUAL_SIZE) view(bytes).setBigUint64(0, value, true);
    else view(bytes).setUint32(offset, Number(value), true);
    changed.set(id as ReturnType<typeof newGuid>, { at: 0, bytes });
    assert.throws(() => decodeMetadataItems(changed), code(wanted));
  };
  for (const block of [0n, 1n, 512n * 1024n, 3n * 2n ** 20n, 2n ** 29n, 2n ** 32n - 1n]) {
    refuse(ITEM_FILE_PARAMETERS, 0, block, 'vhdx.metadata.value');
  }
  for (const size of [0n, 100n, BigInt(64 * TIB) + 512n]) {
    refuse(ITEM_VIRTUAL_SIZE, 0, size, 'vhdx.metadata.value');
  }
  refuse(ITEM_VIRTUAL_SIZE, 0, 2n ** 63n, 'bytes.u64');
  for (const size of [0n, 1024n, 8192n]) {
    refuse(ITEM_LOGICAL_SECTOR_SIZE, 0, size, 'vhdx.metadata.value');
  }
  const orphan = items();
  orphan.delete(ITEM_PARENT_LOCATOR);
  assert.throws(() => decodeMetadataItems(orphan), code('vhdx.metadata.missing'));
});

test('parent locators: type, counts, places, doubles, linkage', () => {
  const locator = { linkage: newGuid(), relativePath: '.\\a.vhdx', absolutePath: 'C:\\a.vhdx' };
  const refuse = (change: (bytes: Uint8Array) => void, wanted: ErrorCode): void => {
    const bytes = encodeParentLocator(locator);
    change(bytes);
    assert.throws(() => decodeParentLocator(bytes), code(wanted));
  };
  refuse((b) => b.fill(1, 0, 16), 'vhdx.locator.type');
  refuse((b) => view(b).setUint16(18, 257, true), 'vhdx.locator.count');
  refuse((b) => view(b).setUint16(18, 256, true), 'vhdx.locator.entry');
  refuse((b) => view(b).setUint16(18, 0, true), 'vhdx.locator.linkage');
  refuse((b) => view(b).setUint32(20, 0, true), 'vhdx.locator.entry');
  refuse((b) => view(b).setUint32(20, 2 ** 32 - 1, true), 'vhdx.locator.entry');
  refuse((b) => view(b).setUint32(24, b.length - 2, true), 'vhdx.locator.entry');
  refuse((b) => view(b).setUint16(28, 3, true), 'vhdx.locator.entry');
  refuse((b) => view(b).setUint16(30, 10, true), 'vhdx.locator.linkage');
  refuse((b) => b.copyWithin(32, 20, 32), 'vhdx.locator.duplicate');
  assert.throws(() => decodeParentLocator(new Uint8Array(10)), EngineError);
});

test('BAT entries: reserved states and bits, offsets inside the headers and beyond any file', () => {
  for (const state of [4, 5]) {
    assert.throws(() => decodePayloadEntry(MIB | state, 0, true, 0), code('vhdx.bat.state'));
  }
  assert.throws(() => decodePayloadEntry(MIB | 7, 0, false, 0), code('vhdx.bat.state'));
  assert.throws(() => decodePayloadEntry(MIB | 6 | 8, 0, true, 0), code('vhdx.bat.reserved'));
  assert.throws(() => decodePayloadEntry(6, 0, true, 0), code('vhdx.bat.offset'));
  assert.throws(() => decodePayloadEntry(6, 2 ** 21, true, 0), code('vhdx.bat.offset'));
  for (const state of [0, 2] as const) {
    const absent = { state, offset: 0 };
    assert.deepEqual(decodePayloadEntry(MIB | state | 8, 2 ** 21, true, 0), absent);
  }
  assert.throws(() => decodePayloadEntry(MIB | 3, 2 ** 21, true, 0), code('vhdx.bat.offset'));
  assert.throws(() => decodeBitmapEntry(MIB | 6, 0, false, 0), code('vhdx.bat.bitmap'));
  assert.throws(() => decodeBitmapEntry(MIB | 7, 0, true, 0), code('vhdx.bat.bitmap'));
  assert.throws(() => decodeBitmapEntry(6, 0, true, 0), code('vhdx.bat.offset'));
});

const ring = { logGuid: newGuid(), offset: MIB, length: MIB };

test('random bytes make no decoder throw anything but an engine error', () => {
  const attempts: ((bytes: Uint8Array) => unknown)[] = [
    decodeFileIdentifier,
    (b) => chooseHeader(b, b),
    (b) => chooseRegionTable(b, b),
    (b) => decodeMetadataTable(b, place),
    decodeParentLocator,
    (b) => decodeLogEntry(b, ring),
  ];
  const signatures = ['head', 'regi', 'metadata', 'loge', 'vhdxfile', ''];
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 5000 }),
      fc.constantFrom(...signatures),
      (bytes, sign) => {
        const start = new TextEncoder().encode(sign);
        bytes.set(start.subarray(0, bytes.length));
        for (const attempt of attempts) {
          try {
            attempt(bytes);
          } catch (error) {
            assert.ok(error instanceof EngineError, String(error));
          }
        }
      },
    ),
    { numRuns: thinned(300) },
  );
});
