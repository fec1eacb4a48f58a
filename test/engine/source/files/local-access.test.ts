import { join } from 'node:path';
import { LOCAL_ACCESS } from '../../../../src/engine/source/files/local-access.ts';
import { fileAccessSuite } from '../../../support/checks/file-access-suite.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

fileAccessSuite('this machine', async (t) => {
  const local = await temporaryFolder(t);
  const at = (...names: readonly string[]): string => join(local, ...names);
  return { access: LOCAL_ACCESS, local, at, follows: true };
});
