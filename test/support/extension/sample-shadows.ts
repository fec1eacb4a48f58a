import type { ShadowList, ShadowRow } from '../../../src/engine/api/vss.ts';
import { shadowsPage } from '../../../src/extension/pages/shadows-page.ts';
import type { PageDocument } from '../../../src/views/api/report-page.ts';

const volume = (digit: string): string =>
  `\\\\?\\Volume{${digit.repeat(8)}-0000-0000-0000-100000000000}\\`;
const id = (n: number): string => `0000000${n}-4f6e-4d6c-9a6b-5d2b1d0a7c4f`;

const shadow = (n: number, change: Partial<ShadowRow>): ShadowRow => ({
  id: id(n),
  set: id(n + 4),
  volume: volume('7'),
  device: `\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy${n}`,
  created: `2026-03-0${n}T10:00:00.000Z`,
  exposed: null,
  noWriters: false,
  persistent: true,
  clientAccessible: false,
  owner: 'foreign',
  vms: [],
  ...change,
});

const GIB = 2 ** 30;
const mounted = `C:\\ProgramData\\Refpoint-${'0123456789abcdef'.repeat(2)}\\v1\\`;

const LIST = (name: string): ShadowList => ({
  shadows: [
    shadow(3, { owner: 'ours', vms: [{ id: id(1), name }], exposed: mounted }),
    shadow(2, { owner: 'unknown', volume: volume('d') }),
    shadow(1, { noWriters: true, clientAccessible: true }),
  ],
  unreadStores: [
    { path: '\\\\nas01\\backup\\hyperv', code: 'store.missing', message: 'it is not mounted' },
  ],
  volumes: [
    {
      volume: volume('7'),
      name: 'C:\\',
      fileSystem: 'NTFS',
      capacity: 400 * GIB,
      free: 120 * GIB,
      storage: { used: GIB, allocated: GIB, max: 40 * GIB },
    },
    {
      volume: volume('d'),
      name: null,
      fileSystem: 'ReFS',
      capacity: 4000 * GIB,
      free: 1200 * GIB,
      storage: null,
    },
  ],
});

/** The shadow copies of a host, of every owner. @param name of the host and a VM. */
export const sampleShadows = (name: string): PageDocument =>
  shadowsPage({
    page: { kind: 'shadows', host: 'h' },
    name,
    list: LIST(name),
    hostNode: undefined,
    vmNode: () => undefined,
  }).document;
