import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { requests } from '../../../src/engine/api/methods.ts';
import { readHosts } from '../../../src/extension/settings/hosts.ts';
import type { PointNode, StoreTreeNode } from '../../../src/extension/nodes/nodes.ts';
import { labNode, sampleVm, type Surroundings } from './surroundings.ts';
import { until } from './suite.ts';

const run = <T>(command: string, ...values: unknown[]): Thenable<T> =>
  vscode.commands.executeCommand<T>(`refpoint.${command}`, ...values);

interface Contributes {
  readonly commands: readonly { readonly command: string }[];
  readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
}

/** Commands and trees through the editor's own interface. */
export function commandTests({ suite, services, extension, store }: Surroundings): void {
  const { hosts, jobs, trees, views, passwords, context } = services;

  suite.test('every command of package.json is there, and none beside them', async () => {
    const { contributes } = extension.packageJSON as { readonly contributes: Contributes };
    const declared = contributes.commands.map(({ command }) => command);
    assert.ok(declared.length >= 35);
    // The editor makes some for each view: focus, open, and more.
    const views = Object.values(contributes.views).flat();
    const ofViews = (name: string): boolean => views.some(({ id }) => name.startsWith(`${id}.`));
    const all = await vscode.commands.getCommands(true);
    const there = all.filter((name) => name.startsWith('refpoint.') && !ofViews(name));
    assert.deepEqual(there.sort(), declared.toSorted());
  });

  suite.test('the lab host is started, connected and named in the settings', async () => {
    await run('startLab');
    const [host] = readHosts();
    assert.equal(host?.lab, join(context.globalStorageUri.fsPath, 'lab'));
    assert.equal(sampleVm(services).row.name, 'sample-vm');
    const settings = JSON.stringify(vscode.workspace.getConfiguration('refpoint'));
    const password = await passwords.get(labNode(services).host);
    assert.ok(password !== undefined && password.length >= 16);
    assert.ok(!settings.includes(password), 'the password is no setting');
  });

  suite.test('a workspace cannot name hosts or stores, nor weaken backups', async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder !== undefined, 'a folder is open');
    const file = vscode.Uri.joinPath(folder.uri, '.vscode', 'settings.json');
    const evil = {
      'refpoint.hosts': [{ url: 'http://127.0.0.1:1' }],
      'refpoint.stores': ['/evil'],
      'refpoint.maxChain': 7,
      'refpoint.checkTracker': 'full',
      // This one may be set there: the others are read with it.
      'editor.tabSize': 7,
    };
    await vscode.workspace.fs.writeFile(file, Buffer.from(JSON.stringify(evil)));
    const read = (): boolean => vscode.workspace.getConfiguration('editor').get('tabSize') === 7;
    await until('the settings of the folder are read', read);
    const settings = vscode.workspace.getConfiguration('refpoint');
    assert.deepEqual([settings.get('maxChain'), settings.get('checkTracker')], [60, 'sample']);
    for (const name of ['hosts', 'stores']) {
      assert.equal(settings.inspect(name)?.workspaceValue, undefined, name);
      const scope = vscode.ConfigurationTarget.Workspace;
      await assert.rejects(async () => settings.update(name, [], scope), /refpoint\./);
    }
    assert.deepEqual(
      hosts.hosts.map(({ lab }) => lab),
      [true],
    );
    await vscode.workspace.fs.delete(file);
  });

  suite.test('a row is found and selected by its node: parents and ids hold', async () => {
    const vm = sampleVm(services);
    await views.hosts.reveal(vm, { select: true, expand: true });
    const [selected] = await until('the row is selected', () =>
      views.hosts.selection.length > 0 ? views.hosts.selection : undefined,
    );
    assert.equal(selected?.id, vm.id);
    const children = await trees.hosts.getChildren(vm);
    assert.deepEqual(
      children.map(({ kind }) => kind),
      ['vmDisk'],
    );
    for (const child of children) assert.equal(trees.hosts.getParent(child)?.id, vm.id);
  });

  suite.test('a VM is backed up in full, then incrementally', async () => {
    assert.equal(await run<string>('addStore', store), store);
    for (const [kind, count] of [
      ['full', 1],
      ['incr', 2],
    ] as const) {
      if (kind === 'incr') await run('writeInGuest', sampleVm(services));
      const done = Promise.resolve(run('backup', sampleVm(services)));
      const ended = await acceptUntil(done, () => jobs.jobs.length === count);
      await ended;
      const [job] = jobs.jobs;
      assert.equal(job?.state, 'done', job?.error?.message ?? '');
      assert.match(job.result?.point ?? '', new RegExp(`-${kind}$`));
    }
    const [node] = trees.jobs.getChildren();
    assert.ok(node !== undefined);
    assert.equal(trees.jobs.getTreeItem(node).label, 'Back up sample-vm');
  });

  suite.test(
    'the store shows its points, the newest first, and its manifests hold their schema',
    async () => {
      const points = await pointsOf(trees.stores);
      assert.deepEqual(
        points.map(({ point }) => point.kind),
        ['incr', 'full'],
      );
      const [newest] = points;
      const [disk] = newest?.point.disks ?? [];
      const manifest = join(disk?.path ?? '', '..', 'point.chain.json');
      assert.deepEqual(await schemaProblems(manifest), []);
      const broken = join(store, '..', 'point.chain.json');
      await writeFile(broken, (await readFile(manifest, 'utf8')).replace('"incr"', '"sideways"'));
      await until('the schema tells what is wrong', async () => {
        return (await schemaProblems(broken)).length > 0;
      });
    },
  );

  suite.test('a report opens as a rendered page, not as its source', async () => {
    const [point] = await pointsOf(trees.stores);
    await run('showReport', point);
    await until('the report is open', () => inFront('refpoint.reportPage'));
  });

  suite.test('what is copied can be pasted: id, JSON, command', async () => {
    const vm = sampleVm(services);
    const copied = async (command: string): Promise<string> => {
      await run(command, vm);
      return vscode.env.clipboard.readText();
    };
    assert.equal(await copied('copyId'), vm.row.id);
    assert.deepEqual(JSON.parse(await copied('copyJson')), vm.row);
    // The lab serves files on a port of its own.
    const command = /^refpoint vm show \S+ --host http:\S+ --user \S+ --smb-port \d+$/;
    assert.match(await copied('copyCommand'), command);
  });

  suite.test(
    'a disk opens as an anatomy, a .vhd as text unless it is asked otherwise',
    async () => {
      const [point] = await pointsOf(trees.stores);
      const path = point?.point.disks[0]?.path ?? '';
      await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path));
      assert.equal(await activeEditor(), 'refpoint.diskAnatomy');
      const vhdl = join(store, '..', 'counter.vhd');
      await writeFile(vhdl, 'entity counter is end;\n');
      await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(vhdl));
      await until(
        'it is open as text',
        () => vscode.window.activeTextEditor?.document.uri.fsPath === vhdl,
      );
    },
  );

  suite.test('a change map opens in a tab', async () => {
    const [point] = await pointsOf(trees.stores);
    await run('openChangeMap', point);
    await until('the map is in front', () => inFront('refpoint.changeMap'));
  });

  suite.test('the environment names versions, and koffi loads in the engine', async () => {
    const found = await services.engine.request(requests.environment, {});
    assert.equal(found.koffi.loaded, true, found.koffi.detail);
    assert.match(found.node, /^v?\d+\./);
    await run('showEnvironment');
    const document = await until('it is shown', () => {
      const open = vscode.window.activeTextEditor?.document;
      return open?.languageId === 'json' ? open : undefined;
    });
    const { editor } = JSON.parse(document.getText()) as { readonly editor: { version: string } };
    assert.equal(editor.version, vscode.version);
  });

  suite.test('of all that was traced and logged, nothing holds the password', async () => {
    const password = (await passwords.get(labNode(services).host)) ?? '';
    assert.ok(password.length >= 16);
    // Above are the logs of all extensions, and those of the host.
    const folder = join(context.logUri.fsPath, '..', '..');
    const texts = new Map<string, string>();
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) texts.set(path, await readFile(path, 'utf8'));
    }
    const trace = [...texts].find(([path]) => path.endsWith('Refpoint Trace.log'))?.[1] ?? '';
    assert.ok(trace.includes('refpoint/host/vms'), 'messages were traced');
    assert.ok(trace.includes('"password"'), 'with what they carry');
    const basic = Buffer.from(`Administrator:${password}`).toString('base64');
    const leaks = [...texts].filter(([, text]) => text.includes(password) || text.includes(basic));
    assert.deepEqual(
      leaks.map(([path]) => path),
      [],
    );
    suite.figure(`${texts.size} logs hold no password, ${trace.length} bytes of trace among them`);
  });
}

/** Takes the first row of whatever is asked until something is so; then answers what was begun. */
async function acceptUntil<T>(begun: Promise<T>, so: () => boolean): Promise<Promise<T>> {
  await until('the questions are answered', async () => {
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    return so();
  });
  return begun;
}

interface StoreTree {
  getChildren(node?: StoreTreeNode): Promise<StoreTreeNode[]>;
}

/** Points of the only VM of the only store. */
export async function pointsOf(tree: StoreTree): Promise<readonly PointNode[]> {
  const [store] = await tree.getChildren();
  const [vm] = await tree.getChildren(store);
  const points = await tree.getChildren(vm);
  return points.filter((node) => node.kind === 'point');
}

async function schemaProblems(path: string): Promise<readonly string[]> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
  await vscode.window.showTextDocument(document);
  await new Promise((resolve) => {
    setTimeout(resolve, 1000);
  });
  return vscode.languages.getDiagnostics(document.uri).map(({ message }) => message);
}

async function activeEditor(): Promise<string> {
  return until('an editor of its own is in front', () => {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    return input instanceof vscode.TabInputCustom ? input.viewType : undefined;
  });
}

/** Whether a page of the extension is the tab in front. */
function inFront(viewType: string): boolean {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputWebview && input.viewType.endsWith(viewType);
}
