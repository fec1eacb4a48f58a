import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { attachDisk } from '../../src/engine/virtdisk/functions/attach.ts';
import { openHandle } from '../../src/engine/virtdisk/functions/open.ts';
import { WindowsHandle } from '../../src/engine/win32/handles/windows-handle.ts';
import { newDisk, withDisk } from './own-disks.ts';
import { answer, compared, endOf, type Question } from './question.ts';

/** Asked first: every other attachment enables the privilege for the process. */
export const PRIVILEGE_QUESTION: Question = {
  id: 'privilege',
  question: 'Does attaching need SeManageVolumePrivilege enabled, or only held?',
  ask: async (place) => {
    const handle = await openHandle(
      { path: await newDisk(place, 'privilege.vhdx'), access: 'read' },
      place.signal,
    );
    try {
      const end = await endOf(() => attachDisk(handle, 'handle', place.signal));
      return answer(end === 'succeeds' ? 'only held' : `enabled (without: ${end})`);
    } finally {
      await handle.close();
    }
  },
};

/** Questions about handles, attachments and paths. */
export const HANDLE_QUESTIONS: readonly Question[] = [
  {
    id: 'attached twice',
    question: 'How does attaching a disk end that another handle has attached read-only?',
    ask: async (place) => {
      const file = await newDisk(place, 'twice.vhdx');
      return withDisk(file, 'read', async (first) => {
        const source = await first.attach(place.signal);
        const end = await endOf(() =>
          withDisk(file, 'read', async (second) => {
            const other = await second.attach(place.signal);
            await other.close();
          }),
        );
        await source.close();
        return answer(end);
      });
    },
  },
  {
    id: 'write beside read',
    question: 'How does opening for writing end while another handle reads?',
    ask: async (place) => {
      const file = await newDisk(place, 'shared.vhdx');
      return withDisk(file, 'read', async () =>
        answer(await endOf(() => withDisk(file, 'write', () => Promise.resolve()))),
      );
    },
  },
  {
    id: 'shown disk',
    question: 'Which path has a disk that is attached without a letter?',
    ask: async (place) => {
      const file = await newDisk(place, 'shown.vhdx');
      return withDisk(file, 'read', async (disk) => {
        const shown = await disk.attachAsDisk({ letters: false }, place.signal);
        const { physicalPath } = shown;
        await shown.detach();
        return {
          text: physicalPath,
          contradicts: !/^\\\\\.\\PhysicalDrive\d+$/i.test(physicalPath),
        };
      });
    },
  },
  {
    id: 'unc path',
    question: 'Can a disk be opened by a UNC path on this host?',
    ask: async (place) => {
      const file = await newDisk(place, 'unc.vhdx');
      const unc = `\\\\localhost\\${file.replace(/^([a-z]):/i, '$1$')}`;
      return answer(
        await endOf(() => withDisk(unc, 'read', (disk) => disk.tracking(place.signal))),
      );
    },
  },
  {
    id: 'damaged',
    question: 'How does opening a file end that is not an image?',
    expected: 'an error',
    ask: async (place) => {
      const file = place.file('damaged.vhdx');
      await writeFile(file, new Uint8Array(4 * 2 ** 20));
      const end = await endOf(() => withDisk(file, 'read', () => Promise.resolve()));
      return { text: end, contradicts: end === 'succeeds' };
    },
  },
  {
    id: 'missing parent',
    question: 'How does opening a differencing disk end whose parent is missing?',
    expected: 'an error',
    ask: async (place) => {
      const parentPath = await newDisk(place, 'gone.vhdx');
      const child = await newDisk(place, 'orphan.vhdx', { parentPath, virtualSize: 0 });
      await rename(parentPath, path.win32.join(place.folder, 'elsewhere.bin'));
      const end = await endOf(() => withDisk(child, 'read', () => Promise.resolve()));
      return { text: end, contradicts: end === 'succeeds' };
    },
  },
  {
    id: 'handles',
    question: 'How many handles are open in the end?',
    expected: '0',
    ask: () => Promise.resolve(compared(String(WindowsHandle.openCount), '0')),
  },
];
