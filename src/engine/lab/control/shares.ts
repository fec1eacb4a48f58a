import fs from 'node:fs/promises';
import { newGuid } from '../../base/guid.ts';
import { fileError } from '../../source/platform/file-errors.ts';
import { HOST_ROOT } from '../files/host-paths.ts';
import { labError } from '../lab-errors.ts';
import type { Lab } from '../model/lab.ts';
import { FIRST_SHARES, PIPES, placeShare } from '../smb/shares/share.ts';
import type { LabShare, LabSmb } from '../state/state.ts';

const MAX_SHARES = 256;

/** Shares of the lab's file server; those of a new one if the lab never had one. */
export const sharesOf = ({ state }: Lab): readonly LabShare[] => state.smb?.shares ?? FIRST_SHARES;

/** Adds or replaces a share. Throws `lab.argument` for a wrong name or a folder outside of the host. */
export async function addShare(lab: Lab, share: LabShare): Promise<readonly LabShare[]> {
  const { name, hostPath } = share;
  if (!/^[^\\\\/:*?"<>|,;=+[\]\p{Cc}]{1,80}$/u.test(name) || same(name, PIPES)) {
    throw labError('lab.argument', `“${name}” cannot be the name of a share`, {
      data: { found: name },
    });
  }
  const placed = placeShare(share, HOST_ROOT, lab.paths.localRoot);
  if (placed === undefined) {
    throw labError(
      'lab.argument',
      `${hostPath} is not a folder of this host; give one in ${HOST_ROOT}`,
      {
        data: { found: hostPath, expected: HOST_ROOT },
      },
    );
  }
  const smb = serverOf(lab);
  const others = smb.shares.filter((each) => !same(each.name, name));
  if (others.length >= MAX_SHARES) {
    throw labError(
      'lab.argument',
      `The lab has ${others.length} shares; at most ${MAX_SHARES} are possible`,
    );
  }
  await fs.mkdir(placed.local, { recursive: true }).catch((error: unknown) => {
    throw fileError(error, 'make', placed.local);
  });
  smb.shares = [...others, share];
  await lab.save();
  return smb.shares;
}

/** Removes a share; its folder stays. Clients that are connected to it lose it. */
export async function removeShare(
  lab: Lab,
  { name }: { readonly name: string },
): Promise<readonly LabShare[]> {
  const smb = serverOf(lab);
  const left = smb.shares.filter((each) => !same(each.name, name));
  if (left.length === smb.shares.length) {
    throw labError('lab.argument', `The lab has no share “${name}”`, {
      data: { found: name, expected: smb.shares.map((each) => each.name) },
    });
  }
  smb.shares = left;
  await lab.save();
  return left;
}

/** A lab that never served files remembers its shares for the first time that it does. */
function serverOf({ state }: Lab): LabSmb {
  state.smb ??= { port: 0, guid: newGuid(), shares: [...FIRST_SHARES] };
  return state.smb;
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
