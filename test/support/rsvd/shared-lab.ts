import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { newGuid } from '../../../src/engine/base/guid.ts';
import { createEmptyDisk } from '../../../src/engine/lab/files/disk-files.ts';
import { makeSet } from '../../../src/engine/lab/rsvd/disk/new-set.ts';
import {
  openHandle,
  type HandleOptions,
} from '../../../src/engine/net/rsvd/client/handle/open-handle.ts';
import type { RsvdHandle } from '../../../src/engine/net/rsvd/client/handle/rsvd-handle.ts';
import { SharedDisk } from '../../../src/engine/net/rsvd/client/shared-disk.ts';
import { Secret } from '../../../src/engine/net/auth/contract/secret.ts';
import { SmbLink } from '../../../src/engine/net/smb/client/link/smb-link.ts';
import type { SmbTree } from '../../../src/engine/net/smb/client/session/smb-tree.ts';
import type { LabSmbStart } from '../../../src/engine/lab/host/lab-smb.ts';
import { afterwards } from '../checks/afterwards.ts';
import { servedFiles, type ServedFiles } from '../smb/served-files.ts';

export const MIB = 2 ** 20;
/** Size of the disks of the tests; Microsoft's cases have 1 GiB. */
export const DISK_SIZE = 8 * MIB;
export const SET = 'rsvd.vhds';
export const VHDX = 'test.vhdx';
export const SHARE = 'Shared';

/** A lab with a VHD Set and a shared VHDX on its scale-out share, and clients of it. */
export interface SharedLab {
  readonly files: ServedFiles;
  readonly folder: string;
  readonly link: SmbLink;
  tree(): Promise<SmbTree>;
  /** Opens a disk as a client of its own does; it is closed after the test. */
  handle(name: string, options?: Partial<HandleOptions>): Promise<RsvdHandle>;
  disk(name?: string): Promise<SharedDisk>;
}

export function linkTo(t: TestContext, { port, user, password }: ServedFiles): SmbLink {
  const link = new SmbLink({
    host: '127.0.0.1',
    port,
    deadline: 20_000,
    patience: 5000,
    account: { credential: { user, password: new Secret(password) }, authentication: 'ntlm' },
    encryption: 'off',
  });
  afterwards(t, () => link.close());
  return link;
}

export async function sharedLab(
  t: TestContext,
  settings?: LabSmbStart['settings'],
): Promise<SharedLab> {
  const files = await servedFiles(t, settings);
  const folder = join(files.root, SHARE);
  mkdirSync(folder, { recursive: true });
  await makeSet(join(folder, SET), (file) => createEmptyDisk(file, DISK_SIZE, never));
  await createEmptyDisk(join(folder, VHDX), DISK_SIZE, never);
  const link = linkTo(t, files);
  const tree = (): Promise<SmbTree> => link.run(SHARE, async (each) => each, never);
  return {
    files,
    folder,
    link,
    tree,
    async handle(name, options = {}) {
      const own = { initiatorId: newGuid(), hostName: 'Client01', ...options };
      const handle = await openHandle(await tree(), name, own, never);
      afterwards(t, () => handle.close());
      return handle;
    },
    async disk(name = SET) {
      const disk = await SharedDisk.open(link, SHARE, name, {}, never);
      afterwards(t, () => disk.close());
      return disk;
    },
  };
}
