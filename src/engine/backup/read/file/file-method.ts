/**
 * `file`: opens the frozen files here through a path map: on the host itself, or through a mounted
 * share.
 */
import { hostFolder } from '../../host/path-map.ts';
import { problemOfPath } from '../contract/look-at-path.ts';
import type { CheckAround, MethodCheck, ReadMethod } from '../contract/method.ts';
import { readFrozenFiles } from '../frozen/frozen-files.ts';
import type { HostDisk } from '../../host/host.ts';

export const FILE_METHOD: ReadMethod = {
  id: 'file',
  possible: 'The path map leads to every disk.',
  check: checkFiles,
  staging: () => null,
  begin: async (order, signal) => ({
    reader: await readFrozenFiles(order, order.files.mapped, signal),
    refused: null,
  }),
};

async function checkFiles(
  disks: readonly HostDisk[],
  { mapped }: CheckAround,
  signal: AbortSignal,
): Promise<MethodCheck> {
  const problems = await Promise.all(
    disks.map(async (disk) => {
      const problem = await problemOfPath(disk.path, mapped, signal);
      return problem === null ? [] : [{ problem, folder: hostFolder(disk.path) }];
    }),
  );
  const found = problems.flat();
  return {
    method: 'file',
    problem: found[0]?.problem ?? null,
    folders: [...new Set(found.map(({ folder }) => folder))],
  };
}
