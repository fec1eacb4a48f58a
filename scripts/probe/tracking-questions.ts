import { readdir } from 'node:fs/promises';
import { isEngineError } from '../../src/engine/base/errors.ts';
import { DISK_SIZE, newDisk, trackedDisk, withDisk, writeFromOutside } from './own-disks.ts';
import { answer, compared, endOf, errorText, type Place, type Question } from './question.ts';

/** Returns what Windows answers about the changes of a whole disk since an ID. */
async function changesSince(path: string, rctId: string, { signal }: Place): Promise<string> {
  return withDisk(path, 'read', async (disk) => {
    try {
      const { processed, ranges } = await disk.queryChanges(rctId, 0, DISK_SIZE, signal);
      return `${ranges.length} ranges, ${processed} bytes processed`;
    } catch (error) {
      if (!isEngineError(error)) throw error;
      return errorText(error);
    }
  });
}

/**
 * Asks for changes after tracking lost something: Refpoint needs an error that makes the disk a full.
 * @param lose makes the loss, and returns the ID to ask with
 */
function lossQuestion(
  id: string,
  question: string,
  lose: (path: string, rctId: string, place: Place) => Promise<string>,
): Question {
  return {
    id,
    question,
    expected: 'an error that makes the disk a full',
    ask: async (place) => {
      const { path, rctId } = await trackedDisk(place, 'tracked.vhdx');
      const text = await changesSince(path, await lose(path, rctId, place), place);
      return { text, contradicts: !text.startsWith('virtdisk.tracking.') };
    },
  };
}

/** Questions about change tracking of a disk that no VM uses. */
export const TRACKING_QUESTIONS: readonly Question[] = [
  {
    id: 'ids',
    question: 'Does turning tracking on make an ID, and how does it begin?',
    ask: async (place) => {
      const { rctId } = await trackedDisk(place, 'ids.vhdx');
      return answer(rctId === '' ? 'no ID' : `${rctId.slice(0, 5)}…, ${rctId.length} characters`);
    },
  },
  {
    id: 'unchanged',
    question: 'What has changed since the newest ID of a disk that nobody wrote to?',
    ask: async (place) => {
      const { path, rctId } = await trackedDisk(place, 'unchanged.vhdx');
      return answer(await changesSince(path, rctId, place));
    },
  },
  lossQuestion('unknown id', 'What does a query with an unknown ID answer?', (_path, rctId) => {
    const other = rctId.replace(/[0-9a-f](?=[^0-9a-f]*$)/i, (digit) => (digit === '0' ? '1' : '0'));
    return Promise.resolve(other === rctId ? `${rctId}0` : other);
  }),
  lossQuestion(
    'tracking off',
    'What does a query answer after tracking was turned off?',
    async (path, rctId, { signal }) => {
      await withDisk(path, 'write', (disk) => disk.setTracking(false, signal));
      return rctId;
    },
  ),
  lossQuestion(
    'changed outside',
    'What does a query answer after another program wrote into the file?',
    async (path, rctId, place) => {
      await writeFromOutside(path, place);
      return rctId;
    },
  ),
  {
    id: 'side files',
    question: 'Which files lie beside a tracked disk?',
    ask: async (place) => {
      await trackedDisk(place, 'beside.vhdx');
      const names = (await readdir(place.folder)).filter((name) => name !== 'beside.vhdx');
      return answer(names.length === 0 ? 'none' : names.sort().join(', '));
    },
  },
  {
    id: 'vhd',
    question: 'Can changes of a VHD be tracked?',
    expected: 'no',
    ask: async (place) => {
      const path = await newDisk(place, 'tracked.vhd');
      const end = await endOf(() =>
        withDisk(path, 'write', (disk) => disk.setTracking(true, place.signal)),
      );
      return end === 'succeeds' ? compared('yes', 'no') : answer(end);
    },
  },
];
