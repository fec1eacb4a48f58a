import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import * as vscode from 'vscode';
import { serverOf } from '../../../src/extension/settings/file-servers.ts';
import { readHosts } from '../../../src/extension/settings/hosts.ts';
import { workbench } from '../../support/vscode/workbench.ts';

beforeEach(() => workbench.reset());

test('hosts come from the person’s own settings, whatever a workspace says', () => {
  workbench.settings.put(
    'refpoint.hosts',
    [{ url: 'https://evil' }],
    vscode.ConfigurationTarget.Workspace,
  );
  assert.deepEqual(readHosts(), []);
  workbench.settings.put('refpoint.hosts', [{ url: 'https://hv01:5986' }]);
  assert.deepEqual(readHosts(), [{ url: 'https://hv01:5986' }]);
});

test('the file server of a host has the name of its address; that of this computer is localhost', () => {
  assert.equal(serverOf({ url: 'http://hv01:5985' }), 'hv01');
  assert.equal(serverOf({ url: 'https://[fe80::1]:5986' }), 'fe80::1');
  assert.equal(serverOf({ url: 'local' }), 'localhost');
});
