import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { NativeRequestor } from '../../src/engine/vss/native/native-requestor.ts';
import type { VssRequestor } from '../../src/engine/vss/requestor.ts';
import { answer, errorText, type Question } from './question.ts';

const run = promisify(execFile);
const SYSTEM = path.win32.join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32');

/** Questions about vssapi.dll and diskshadow. No VM takes part in the set that is made. */
export const VSS_QUESTIONS: readonly Question[] = [
  {
    id: 'vss writer',
    question: 'What are the components of the Hyper-V writer like?',
    ask: ({ signal }) =>
      withRequestor(async (requestor) => {
        const metadata = await requestor.metadata(signal);
        const [first] = metadata?.components ?? [];
        const kinds = new Set(metadata?.components.map(({ caption }) => caption.split('\\')[0]));
        const recursive = first?.files.filter((file) => file.recursive).length ?? 0;
        return [
          `components ${metadata?.components.length ?? 0}, excludes ${metadata?.excludes.length ?? 0}`,
          `captions ${[...kinds].join(' / ')}`,
          `logical path ${JSON.stringify(first?.logicalPath ?? null)}`,
          `files of the first ${first?.files.length ?? 0}, recursive ${recursive}`,
        ].join('; ');
      }),
  },
  {
    id: 'vss device',
    question: 'Which names has the root of a shadow copy, as Node reads it by its device?',
    ask: ({ folder, signal }) =>
      withRequestor(async (requestor) => {
        const drive = path.win32.parse(folder).root;
        const { stdout } = await run(path.win32.join(SYSTEM, 'mountvol.exe'), [drive, '/L']);
        await requestor.begin({ vms: [], volumes: [stdout.trim()] }, signal);
        const { shadows } = await requestor.create(signal);
        const names = await readdir(`${shadows[0]?.root ?? ''}\\`);
        await requestor.complete(signal);
        return `${names.length} names`;
      }),
  },
  {
    id: 'diskshadow',
    question: 'How does diskshadow end that lists the writers?',
    ask: async ({ file }) => {
      const script = file('list.txt');
      await writeFile(script, 'list writers status\r\nexit\r\n');
      try {
        const { stdout } = await run(path.win32.join(SYSTEM, 'diskshadow.exe'), ['/s', script]);
        const ids = stdout.match(/\{[0-9a-f-]{36}\}/gi) ?? [];
        return answer(`exit code 0, ${ids.length} GUIDs in ${stdout.length} characters`);
      } catch (error) {
        return answer(`fails: ${String((error as NodeJS.ErrnoException).code)}`);
      }
    },
  },
];

/** Asks a requestor, and ends its set. A failure is an answer, too. */
async function withRequestor(
  ask: (requestor: VssRequestor) => Promise<string>,
): Promise<ReturnType<typeof answer>> {
  const requestor = new NativeRequestor();
  try {
    return answer(await ask(requestor));
  } catch (error) {
    await requestor.abort();
    return answer(errorText(error));
  } finally {
    await requestor.close();
  }
}
