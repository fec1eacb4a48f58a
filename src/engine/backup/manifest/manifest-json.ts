import type { ReasonCode, WarningCode } from '../../api/codes.ts';
import { HASHES_V1, HASHES_V2 } from '../hashes/hash-format.ts';
import { isPortableFileName } from '../../source/platform/path-flavour.ts';
import {
  type JsonFailure,
  type JsonFields,
  formatJson,
  parseJsonObject,
} from '../../base/json-fields.ts';
import { manifestChecksum, tryManifestChecksum } from './manifest-checksum.ts';
import {
  GROUP_MANIFEST_VERSION,
  MANIFEST_VERSION,
  type DiskCheck,
  type DiskRecord,
  type GroupFacts,
  type ManifestVersion,
  type PointManifest,
  type PointReference,
  type Reason,
  type SideFile,
} from './manifest.ts';
import { MAX_DISKS, MAX_EVIDENCE, MAX_MEMBERS, MAX_TEXT, MAX_WARNINGS } from './bounds.ts';
import { isPointId } from './point-id.ts';
import { recordError } from '../errors/record-errors.ts';
import { CONFIG_FOLDER, MANIFEST_FILE, VERIFIED_FILE } from '../store/contract/layout.ts';
import { isTemporary } from '../store/contract/store-path.ts';

/** MS-VHDX 2.6.2.1: powers of two from 1 MiB to 256 MiB. */
const BLOCK_SIZES = Array.from({ length: 9 }, (_, i) => 2 ** (20 + i));
const KINDS = ['full', 'incr'] as const;
const CONSISTENCIES = ['application', 'crash'] as const;
const CODE = /^[a-z][a-zA-Z0-9.-]{0,79}$/;
const OWN_NAMES = new Set([MANIFEST_FILE, VERIFIED_FILE, CONFIG_FOLDER]);
const HASH_UNITS = [HASHES_V1.unit, HASHES_V2.unit];
const HASH = /^[0-9a-f]{64}$/;

/**
 * Returns the manifest's bytes in the current version, with its checksum and a fixed order of
 * fields. The record is parsed again before it is written, so nothing is stored that could not be
 * read back.
 */
export function formatManifest(manifest: PointManifest): Uint8Array {
  const seal = (record: PointManifest): Uint8Array => {
    const version = record.group === undefined ? MANIFEST_VERSION : GROUP_MANIFEST_VERSION;
    const current = { ...record, version };
    return formatJson({ ...current, checksum: manifestChecksum(current) });
  };
  return seal(parseManifest(seal(manifest), manifest.id));
}

/**
 * Parses a manifest strictly. Throws `manifest.damaged`, which names the field; `manifest.checksum`
 * if something was changed; `manifest.version` for a newer format.
 * @param name of the point, for messages.
 */
export function parseManifest(bytes: Uint8Array, name: string): PointManifest {
  const fail = (at: string, problem: string): Error =>
    recordError(
      'manifest.damaged',
      `The manifest of ${name}: ${at}${at === '' ? '' : ' '}${problem}`,
      {
        data: { point: name, field: at },
      },
    );
  const fields = parseJsonObject(bytes, fail);
  const version = fields.integer('version', 1);
  if (version === 1) return readWhole(fields, version, fail);
  if (version === MANIFEST_VERSION || version === GROUP_MANIFEST_VERSION) {
    mustMatchChecksum(fields, name, fail);
    return readWhole(fields.ignoringUnknown(), version, fail);
  }
  throw recordError(
    'manifest.version',
    `The manifest of ${name} has version ${version}; this program reads versions 1 to ${GROUP_MANIFEST_VERSION}. Use a newer Refpoint`,
    { data: { point: name, found: version, expected: GROUP_MANIFEST_VERSION } },
  );
}

/**
 * Throws if the checksum does not match: some field differs from what was written, but not which.
 */
function mustMatchChecksum(fields: JsonFields, name: string, fail: JsonFailure): void {
  const recorded = fields.match('checksum', HASH, 'a SHA-256 in hexadecimal');
  const computed = tryManifestChecksum(fields.parsed);
  if (computed === undefined) throw fail('', 'is nested too deeply');
  if (computed === recorded) return;
  throw recordError(
    'manifest.checksum',
    `The manifest of ${name} does not match its checksum: found ${computed}, expected ${recorded}. It was changed after it was written; copy ${MANIFEST_FILE} from another copy of the store`,
    { data: { point: name, found: computed, expected: recorded } },
  );
}

function readWhole(fields: JsonFields, version: ManifestVersion, fail: JsonFailure): PointManifest {
  const manifest = readManifest(fields, version);
  fields.end();
  checkWhole(manifest, fail);
  return manifest;
}

/** Absent in points that were not read in shadow copies. */
function shadowSetOf(f: JsonFields, version: ManifestVersion): Pick<PointManifest, 'shadowSet'> {
  const shadowSet = version === 1 ? null : f.optional('shadowSet', () => f.guid('shadowSet'));
  return shadowSet === null ? {} : { shadowSet };
}

function readManifest(f: JsonFields, version: ManifestVersion): PointManifest {
  const later = laterFields(version);
  return {
    version,
    id: pointId(f, 'id'),
    storeId: f.guid('storeId'),
    vm: f.object('vm', (vm) => ({
      id: vm.guid('id'),
      name: vm.text('name', MAX_TEXT),
      lastAppliedSnapshot: later(vm, 'lastAppliedSnapshot', (name) => vm.text(name, MAX_TEXT)),
    })),
    ...(version === GROUP_MANIFEST_VERSION ? { group: f.object('group', readGroup) } : {}),
    host: f.text('host', MAX_TEXT),
    computerName: later(f, 'computerName', (name) => f.text(name, MAX_TEXT)),
    kind: f.oneOf('kind', KINDS),
    reason: f.object('reason', readReason),
    created: f.time('created'),
    finished: f.time('finished'),
    consistency: f.object('consistency', (c) => ({
      asked: c.oneOf('asked', [...CONSISTENCIES, 'default'] as const),
      achieved: c.oneOf('achieved', [...CONSISTENCIES, 'unknown'] as const),
    })),
    method: f.match('method', CODE, 'a read method'),
    ...shadowSetOf(f, version),
    methodReason: later(f, 'methodReason', (name) => f.object(name, readReason)),
    parent: f.nullable('parent', () => pointId(f, 'parent')),
    referencePoint: f.nullable('referencePoint', () => f.object('referencePoint', readReference)),
    disks: f.objects('disks', MAX_DISKS, (disk) => readDisk(disk, version, later)),
    excluded: f.objects('excluded', MAX_DISKS, (e) => ({
      slot: e.text('slot', 200),
      path: e.text('path', MAX_TEXT),
      why: e.text('why', MAX_TEXT),
    })),
    configFiles: f.objects('configFiles', 1024, readSideFile),
    warnings: f.objects('warnings', MAX_WARNINGS, (w) => ({
      // A newer program may have written an unknown code, which is shown unchanged.
      code: w.match('code', CODE, 'a code') as WarningCode,
      message: w.text('message', MAX_TEXT),
    })),
    trackerCheck: f.object('trackerCheck', (t) => ({
      mode: t.oneOf('mode', ['off', 'sample', 'full'] as const),
      checkedBytes: t.integer('checkedBytes'),
      disks: later(t, 'disks', () => t.objects('disks', MAX_DISKS, readCheck)),
    })),
  };
}

/** Reads a field that version 2 added and that may be absent; version 1 does not have it. */
type LaterFields = <T>(f: JsonFields, name: string, read: (name: string) => T) => T | null;

const laterFields =
  (version: ManifestVersion): LaterFields =>
  (f, name, read) =>
    version === 1 ? null : f.optional(name, () => read(name));

function readCheck(f: JsonFields): DiskCheck {
  return {
    slot: f.text('slot', 200),
    candidateCells: f.integer('candidateCells'),
    checkedCells: f.integer('checkedCells'),
    ruledOutCells: f.integer('ruledOutCells'),
    confidence: f.fraction('confidence'),
  };
}

function readReason(f: JsonFields): Reason {
  return {
    code: f.match('code', CODE, 'a code') as ReasonCode,
    text: f.text('text', MAX_TEXT),
    evidence: f.scalars('evidence', MAX_EVIDENCE),
  };
}

function readReference(f: JsonFields): PointReference {
  return {
    id: f.text('id', MAX_TEXT),
    disks: f.objects('disks', MAX_DISKS, (d) => ({
      locationId: d.text('locationId', MAX_TEXT),
      rctId: d.text('rctId', MAX_TEXT),
    })),
  };
}

function readSideFile(f: JsonFields): SideFile {
  return {
    file: f.checked('file', 300, isPointFile, 'the name of a file in the point'),
    size: f.integer('size'),
    sha256: f.match('sha256', HASH, 'a SHA-256 in hexadecimal'),
  };
}

function readGroup(f: JsonFields): GroupFacts {
  return {
    members: f.objects('members', MAX_MEMBERS, (member) => ({
      id: member.guid('id'),
      name: member.text('name', MAX_TEXT),
    })),
  };
}

function readDisk(f: JsonFields, version: ManifestVersion, later: LaterFields): DiskRecord {
  return {
    number: f.integer('number', 0, 9999),
    // Restored disks get this name, so a path in it could lead out of the chosen folder.
    name: f.checked('name', 255, isPortableFileName, 'the name of a file'),
    slot: f.text('slot', 200),
    locationId: f.text('locationId', MAX_TEXT),
    path: f.text('path', 32 * 1024),
    file: f.checked('file', 300, isPointFile, 'the name of a file in the point'),
    kind: f.oneOf('kind', KINDS),
    reason: f.object('reason', readReason),
    parentPoint: f.nullable('parentPoint', () => pointId(f, 'parentPoint')),
    virtualSize: f.integer('virtualSize', 1, 64 * 1024 ** 4),
    logicalSectorSize: f.oneOf('logicalSectorSize', [512, 4096]),
    physicalSectorSize: later(f, 'physicalSectorSize', (name) => f.oneOf(name, [512, 4096])),
    blockSize: later(f, 'blockSize', (name) => f.oneOf(name, BLOCK_SIZES)),
    virtualDiskId: f.nullable('virtualDiskId', () => f.guid('virtualDiskId')),
    dataWriteGuid: f.guid('dataWriteGuid'),
    rctId: f.nullable('rctId', () => f.text('rctId', MAX_TEXT)),
    // Points made before smaller units, of version 1 or 2, do not record theirs.
    hashUnit: later(f, 'hashUnit', (name) => f.oneOf(name, HASH_UNITS)) ?? HASHES_V1.unit,
    hashRoot: f.match('hashRoot', HASH, 'a SHA-256 in hexadecimal'),
    fileSize: f.integer('fileSize'),
    readBytes: f.integer('readBytes'),
    writtenBytes: f.integer('writtenBytes'),
    changedBytes: later(f, 'changedBytes', (name) => f.integer(name)),
    hashesFile: f.object('hashesFile', readSideFile),
    changesFile: f.nullable('changesFile', () => f.object('changesFile', readSideFile)),
    ...(version === GROUP_MANIFEST_VERSION ? readHolders(f) : {}),
  };
}

function readHolders(f: JsonFields): Pick<DiskRecord, 'holders' | 'method'> {
  const holders = f.objects('holders', MAX_MEMBERS, (holder) => ({ id: holder.guid('id') }));
  return { holders, method: f.match('method', CODE, 'a read method') };
}

/** Checks relations between several fields. */
function checkWhole(m: PointManifest, fail: JsonFailure): void {
  const numbers = new Set<number>();
  const slots = new Set<string>();
  const files = new Set<string>();
  const claim = (file: string, at: string): void => {
    const key = file.toLowerCase();
    if (files.has(key)) throw fail(at, `is “${file}”, which another field also names`);
    files.add(key);
  };
  for (const [i, disk] of m.disks.entries()) {
    const at = `disks[${i}]`;
    if (numbers.has(disk.number))
      throw fail(`${at}.number`, `is ${disk.number}, which is not unique`);
    numbers.add(disk.number);
    if (slots.has(disk.slot)) throw fail(`${at}.slot`, `is ${disk.slot}, which is not unique`);
    slots.add(disk.slot);
    const stranger = disk.holders?.find(
      ({ id }) => m.group?.members.some((member) => member.id === id) !== true,
    );
    if (stranger !== undefined) {
      throw fail(`${at}.holders`, `names ${stranger.id}, which is not a member`);
    }
    if ((disk.kind === 'full') !== (disk.parentPoint === null)) {
      throw fail(`${at}.parentPoint`, `does not match a disk of kind ${disk.kind}`);
    }
    claim(disk.file, `${at}.file`);
    claim(disk.hashesFile.file, `${at}.hashesFile.file`);
    if (disk.changesFile !== null) claim(disk.changesFile.file, `${at}.changesFile.file`);
  }
  for (const [i, file] of m.configFiles.entries()) claim(file.file, `configFiles[${i}].file`);
  if ((m.kind === 'incr') !== m.disks.some((disk) => disk.kind === 'incr')) {
    throw fail('kind', `is ${m.kind}, which does not match its disks`);
  }
  if (m.kind === 'incr' && m.parent === null) throw fail('parent', 'is null in an increment');
  if (m.parent === m.id) throw fail('parent', 'is the point itself');
}

const pointId = (f: JsonFields, name: string): string =>
  f.checked(name, 64, isPointId, 'a point id such as 20261122T140305Z-full');

/**
 * Whether the text is `name` or `config/name`, with parts that are valid on every platform and not
 * reserved.
 */
function isPointFile(text: string): boolean {
  const parts = text.split('/');
  const folder = parts.length === 2 ? parts.shift() : CONFIG_FOLDER;
  const [name = ''] = parts;
  return (
    folder === CONFIG_FOLDER &&
    parts.length === 1 &&
    isPortableFileName(name) &&
    !isTemporary(name) &&
    !OWN_NAMES.has(name.toLowerCase())
  );
}
