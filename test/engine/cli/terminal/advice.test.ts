import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withAdvice } from '../../../../src/engine/cli/terminal/advice.ts';

test('a file server whose name is unknown: the name is to be looked at, not a firewall', () => {
  const of = (reason: string) => withAdvice('smb.unreachable', 'It cannot be reached', { reason });
  assert.match(of('ENOTFOUND'), /Look at the name of the server/);
  assert.match(of('EAI_AGAIN'), /Look at the name of the server/);
  assert.match(of('ECONNREFUSED'), /NetFirewallRule/);
});

test('disks are not to be excluded where that does not help', () => {
  const data = { slot: 'scsi0:0', slots: ['scsi0:0', 'scsi0:1'], format: 'vhdx', groups: [] };
  const running = ['7d6e5c65-1a99-487b-9b78-a99bebebbc0a'];
  const of = (each: readonly string[]) =>
    withAdvice('plan.disk', 'The disk cannot be backed up', { ...data, running: each });
  assert.match(of([]), /--exclude-disk scsi0:0 --exclude-disk scsi0:1/);
  assert.doesNotMatch(of(running), /--exclude-disk/);
});
