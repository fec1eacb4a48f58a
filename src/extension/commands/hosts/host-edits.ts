import * as vscode from 'vscode';
import { hostKey, hostLabel, readHosts, saveHost, type HostSetting } from '../../settings/hosts.ts';
import { sayInfo } from '../../ask/messages.ts';
import { askText } from '../../ask/ask-text.ts';
import type { Services } from '../../services/services.ts';
import { askAddress } from '../../hosts/login/ask-host.ts';
import { askLogin, askLoginUser, askPem } from '../../hosts/login/ask-login.ts';
import { connectTo, reviewCertificate } from '../../hosts/connect-host.ts';
import { hostPathProblem } from '../../hosts/host-path.ts';
import { wayOf } from '../../hosts/login/login-ways.ts';
import { editPathMap } from '../../hosts/map-folder.ts';

const { t } = vscode.l10n;

/** Changes one fact of a host: asks for the new one, saves it, and connects where it matters. */
export type Edit = (services: Services, host: HostSetting, title: string) => Promise<void>;

export const editAddress: Edit = async (services, host, title) => {
  const url = await askAddress(title, host.url, wayOf(host).objection);
  if (url === undefined || url === host.url) return;
  // Another address may have another certificate, so it is checked again.
  const { fingerprint: _, ...rest } = host;
  await replace(services, host, { ...rest, url });
};

/** Way, user and files of the login are one answer: what the old way had and the new one does not need goes. */
export const editLogin: Edit = async (services, host, title) => {
  const login = await askLogin(title, host.url, host);
  if (login === undefined) return;
  const { authentication: _a, user: _u, certificateFile: _c, keyFile: _k, ...rest } = host;
  await replace(services, host, { ...rest, ...login });
};

export const editUser: Edit = async (services, host, title) => {
  const user = await askLoginUser(title, wayOf(host), host.user);
  if (user === undefined || user === (host.user ?? '')) return;
  const { user: _, ...rest } = host;
  await replace(services, host, user === '' ? rest : { ...rest, user });
};

export const editPassword: Edit = async (services, host) => {
  if ((await services.connections.login(host)) !== undefined) await connectTo(services, host);
};

export const editName: Edit = async (_services, host, title) => {
  const prompt = t('What the tree calls it; empty: its address');
  const name = await askText({ title, prompt, value: host.name ?? '', validate: () => undefined });
  if (name === undefined) return;
  const { name: _, ...rest } = host;
  await saveHost(name.trim() === '' ? rest : { ...rest, name: name.trim() }, host);
};

export const editFolders: Edit = async (_services, host, title) => {
  const pathMap = await editPathMap(title, host.pathMap ?? {});
  if (pathMap === undefined) return;
  const { pathMap: _, ...rest } = host;
  await saveHost(Object.keys(pathMap).length === 0 ? rest : { ...rest, pathMap }, host);
};

export const editExports: Edit = async (_services, host, title) => {
  const typed = await askText({
    title,
    prompt: t('Folder on the host, in the host’s spelling; empty: none'),
    value: host.exportDirectory ?? '',
    placeHolder: 'D:\\Exports',
    validate: (text) => (text.trim() === '' ? undefined : hostPathProblem(text)),
  });
  if (typed === undefined) return;
  const { exportDirectory: _, ...rest } = host;
  const exportDirectory = typed.trim();
  await saveHost(exportDirectory === '' ? rest : { ...rest, exportDirectory }, host);
};

/** An authority instead of a fingerprint: a renewed certificate needs no new confirmation. */
export const editAuthority: Edit = async (services, host, title) => {
  const prompt = t('PEM file of a certificate authority to trust; empty: skip');
  const file = await askPem(title, prompt, host.caFile ?? '', true);
  if (file === undefined || file === (host.caFile ?? '')) return;
  const { caFile: _, fingerprint: _f, ...rest } = host;
  await replace(services, host, file === '' ? rest : { ...rest, caFile: file });
};

export const editCertificate: Edit = async (services, host) => reviewCertificate(services, host);

/** Saves a host under another key. The old one’s password goes: it is never sent to the new address or for the new user. */
async function replace(services: Services, old: HostSetting, host: HostSetting): Promise<void> {
  const taken =
    hostKey(host) !== hostKey(old) && readHosts().some((each) => hostKey(each) === hostKey(host));
  if (taken) {
    void sayInfo(t('{0} is in the list already.', hostLabel(host)));
    return;
  }
  const node = services.hosts.hostOf(old);
  if (node !== undefined) services.hosts.disconnect(node.id);
  await services.passwords.forget(old);
  await saveHost(host, old);
  await connectTo(services, host);
}
