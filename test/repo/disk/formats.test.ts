import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FORMATS } from '../../../src/engine/disk/formats/formats.ts';
import { sourceFiles } from '../../support/repo/source-files.ts';

/** Files and folders that really mean one format, with the reason. */
const MEANT: Readonly<Record<string, string>> = {
  'src/engine/disk/anatomy/': 'shows the structures of each format',
  'src/engine/backup/images/': 'images of a store are VHDX',
  'src/engine/backup/points/parent-link.ts': 'images of a store are VHDX',
  'src/engine/backup/room/': 'computes how much an image of a store takes',
  'src/engine/backup/run/disk/': 'images of a store are VHDX',
  'src/engine/backup/restore/restore-target.ts': 'computes how much a restored VHDX takes',
  'src/engine/backup/restore/over/': 'only a VHDX gets a differencing image with what differs',
  'src/engine/backup/verify/disk-states.ts': 'images of a store are VHDX',
  'src/engine/backup/read/source/':
    'only VHDX are exported as differences; images of a store are VHDX',
  'src/engine/operations/change-map/': 'images of a store are VHDX',
  'src/engine/lab/': 'the disks of the lab are VHDX and VHD',
};

const files = sourceFiles('src');
const TABLE = 'src/engine/disk/formats/';
const formatFolder = /^src\/engine\/disk\/[^/]+\//;

/** Folders of formats: those that the table imports its rows from. */
const folders = new Set(
  files
    .filter(({ path }) => path.startsWith(TABLE))
    .flatMap(({ imports }) => imports.filter((name) => name.endsWith('-format.ts')))
    .flatMap((name) => formatFolder.exec(name)?.[0] ?? [])
    .filter((folder) => folder !== 'src/engine/disk/image/' && folder !== TABLE),
);

const imported = files.flatMap(({ path, imports }) =>
  imports
    .filter((name) => folders.has(formatFolder.exec(name)?.[0] ?? ''))
    .filter((name) => formatFolder.exec(name)?.[0] !== formatFolder.exec(path)?.[0])
    .filter(() => !path.startsWith(TABLE))
    .map((name) => ({ path, name })),
);

const reasonOf = (path: string): string | undefined =>
  Object.keys(MEANT).find((place) => path === place || path.startsWith(place));

test('every row of the table of formats has its folder', () => {
  assert.equal(folders.size, FORMATS.length, [...folders].join(', '));
  assert.ok(folders.has('src/engine/disk/vhdx/') && folders.has('src/engine/disk/raw/'));
});

test('no file outside of a format imports it, except those that mean that format', () => {
  // A format that builds on another one may use it.
  const wrong = imported.filter(
    ({ path }) => reasonOf(path) === undefined && !folders.has(formatFolder.exec(path)?.[0] ?? ''),
  );
  assert.deepEqual(
    wrong.map(({ path, name }) => `${path} imports ${name}`),
    [],
  );
});

test('every exception is needed', () => {
  const needless = Object.keys(MEANT).filter(
    (place) => !imported.some(({ path }) => path === place || path.startsWith(place)),
  );
  assert.deepEqual(needless, []);
});
