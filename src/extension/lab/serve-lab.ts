import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { LabLine } from '../../engine/api/lab.ts';
import { codeOf } from '../errors/own-failure.ts';
import { saveHost, type HostSetting } from '../settings/hosts.ts';
import { askLab, labHost, listLabVms, startLabProcess } from './lab.ts';
import { confirm } from '../ask/messages.ts';
import type { LabServices } from './lab-services.ts';

const { t } = vscode.l10n;
const SAMPLE = 'sample-vm';

/** Interval and number of checks whether another window has started the lab that was found locked. */
const LOOK_MS = 1000;
const LOOKS = 30;
/** A lab that still has no known password after this number of checks was not started by a window. */
const STRANGE_LOOKS = 4;

/** Returns a host that serves the lab of this machine: the running one, or a new one with a sample VM. Returns undefined if it is cancelled. */
export async function serveLab(
  services: LabServices,
  report: (message: string) => void,
): Promise<HostSetting | undefined> {
  const found = await answeringLab(services);
  if (found !== undefined) return found;
  try {
    report(t('filling a sample VM'));
    await sampleVm(services);
    report(t('starting'));
    return await start(services);
  } catch (error) {
    if (codeOf(error) !== 'lab.locked') throw error;
  }
  report(t('waiting for another window'));
  const other = await labOfAnother(services);
  if (other !== undefined) return other;
  const lines = [t('Its disks and VMs stay. Everybody who uses it loses the connection.')];
  const question = t('The lab host runs, and its password is not known here. Start it again?');
  if (!(await confirm(question, lines, t('Start Again')))) return undefined;
  await askLab(services, ['stop']);
  return startOnceFree(services);
}

/** The lab of the settings, where it takes the password that is kept. */
async function answeringLab(services: LabServices): Promise<HostSetting | undefined> {
  const host = labHost(services);
  const node = host === undefined ? undefined : services.hosts.hostOf(host);
  if (host === undefined || node === undefined) return undefined;
  if ((await services.passwords.get(host)) === undefined) return undefined;
  await services.hosts.connect(node.id, true).catch(() => undefined);
  return services.hosts.host(node.id)?.state === 'connected' ? host : undefined;
}

/** The folder is locked: a window fills or starts the lab now, or a lab serves whose password nobody kept. */
async function labOfAnother(services: LabServices): Promise<HostSetting | undefined> {
  let strange = 0;
  for (let look = 0; look < LOOKS && strange < STRANGE_LOOKS; look++) {
    await delay(LOOK_MS);
    const found = await answeringLab(services);
    if (found !== undefined) return found;
    try {
      return await start(services);
    } catch (error) {
      if (codeOf(error) !== 'lab.locked') throw error;
    }
    const serves = await listLabVms(services).then(
      () => true,
      () => false,
    );
    strange = serves && !(await knowsPassword(services)) ? strange + 1 : 0;
  }
  return undefined;
}

async function knowsPassword(services: LabServices): Promise<boolean> {
  const host = labHost(services);
  return host !== undefined && (await services.passwords.get(host)) !== undefined;
}

/** On a stopped lab, before it is served: its disk is made and copied without anybody waiting for the wire. */
async function sampleVm(services: LabServices): Promise<void> {
  const vms = await listLabVms(services).catch((error: unknown) => {
    if (codeOf(error) !== 'lab.notFound') throw error;
    return [];
  });
  if (vms.length === 0) await askLab(services, ['add-vm', '--name', SAMPLE, '--sample']);
}

/** Starts the process, and keeps where it serves and with which password: the last ones where it can. */
async function start(services: LabServices): Promise<HostSetting> {
  const old = labHost(services);
  const known = old === undefined ? undefined : await services.passwords.get(old);
  const password = known ?? randomBytes(18).toString('base64url');
  services.output.redactor.learn(password);
  const line = await startOnFreePort(services, password, old?.smbPort !== undefined);
  const lab: HostSetting = {
    name: old?.name ?? t('Lab host'),
    url: line.http,
    user: line.user,
    pathMap: line.pathMap,
    ...(line.smb === undefined ? {} : { smbPort: line.smb.port }),
    ...(old?.exportDirectory === undefined ? {} : { exportDirectory: old.exportDirectory }),
    lab: line.dir,
  };
  if (old !== undefined && (old.url !== lab.url || old.user !== lab.user)) {
    await services.passwords.forget(old);
  }
  await services.passwords.store(lab, password);
  await saveHost(lab, old ?? lab);
  return lab;
}

/** A lab that is stopping holds its folder until it has exited. */
async function startOnceFree(services: LabServices): Promise<HostSetting> {
  for (let look = 1; ; look++) {
    try {
      return await start(services);
    } catch (error) {
      if (codeOf(error) !== 'lab.locked' || look === LOOKS) throw error;
    }
    await delay(LOOK_MS);
  }
}

/**
 * The ports of the last start may have been taken by other programs since.
 * @param servesFiles the lab has a port for files already, which it remembers.
 */
async function startOnFreePort(
  services: LabServices,
  password: string,
  servesFiles: boolean,
): Promise<LabLine> {
  const files = ['--smb-port', '0'];
  try {
    return await startLabProcess(services, password, servesFiles ? [] : files);
  } catch (error) {
    if (codeOf(error) !== 'lab.port') throw error;
    return startLabProcess(services, password, ['--http-port', '0', ...files]);
  }
}
