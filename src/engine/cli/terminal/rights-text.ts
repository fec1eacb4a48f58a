import {
  GRANTING_COMMANDS,
  type FeatureRight,
  type MissingRight,
  type RightFeature,
} from '../../api/windows/rights.ts';

const FEATURES: Readonly<Record<RightFeature, string>> = {
  inventory: 'inventory',
  checkpoints: 'checkpoints',
  referencePoints: 'reference points',
  changeTracking: 'change tracking',
  export: 'export',
  cluster: 'cluster',
};

const MISSING: Readonly<Record<MissingRight, string>> = {
  winrm: 'WinRM does not admit the account. Add it to Remote Management Users:',
  winrmExecute:
    'WinRM lets the account read, but not call methods. Allow it to Remote Management Users (RootSDDL):',
  wmiNamespace: 'The security of the WMI namespace refuses the account. Grant it:',
  hyperVAdministrators: 'The account may not be in Hyper-V Administrators. Add it:',
  tokenFilter:
    'The account may be a local administrator whose rights are removed on remote logons. Allow them:',
  vmms: 'The service vmms may be stopped. Start it:',
  hyperVRole: 'The Hyper-V role is not installed. Install it:',
  server2016: 'The host is older than Server 2016 and has no reference points.',
  clusterNamespace: 'The security of the namespace of the cluster refuses the account. Grant it:',
};

/** Lists the features that the account may use. */
export function grantedFeatures(rights: readonly FeatureRight[]): string {
  const granted = rights.filter(({ ok }) => ok).map(({ feature }) => FEATURES[feature]);
  return granted.length === 0 ? 'no feature' : granted.join(', ');
}

/** Says on the host itself whether the command runs elevated. */
export function elevationFacts(elevated: boolean | null): readonly (readonly [string, string])[] {
  if (elevated === null) return [];
  const no =
    'no: for the method virtdisk, start the terminal as administrator, or use --method file';
  return [['elevated', elevated ? 'yes' : no]];
}

/**
 * Describes each missing right once: the features that need it, and the commands that grant it, for
 * an elevated PowerShell on the host. Empty if nothing is missing.
 */
export function missingRights(rights: readonly FeatureRight[], user: string | undefined): string[] {
  const names = [...new Set(rights.flatMap(({ missing }) => missing))];
  return names.map((name) => {
    const features = rights
      .filter(({ missing }) => missing.includes(name))
      .map(({ feature }) => FEATURES[feature]);
    const commands = GRANTING_COMMANDS[name].map((command) => `  ${forAccount(command, user)}`);
    return [`missing for ${features.join(', ')}: ${MISSING[name]}`, ...commands].join('\n');
  });
}

/** Puts the user into a command, if the name can stand between single quotes. */
const forAccount = (command: string, user: string | undefined): string =>
  user !== undefined && /^[^'‘’‚‛\r\n]+$/.test(user)
    ? command.replaceAll('ACCOUNT', () => user)
    : command;
