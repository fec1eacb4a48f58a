import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { ownRowName } from '../../../../src/engine/hyperv/inventory/computer-name.ts';
import { WmiRecord } from '../../../../src/engine/hyperv/wmi-record.ts';
import type { CimClient } from '../../../../src/engine/cim/client.ts';
import { wsmanError } from '../../../../src/engine/net/wsman/faults/wsman-errors.ts';
import { startBackupLab } from '../../../support/backup/backup-lab.ts';

const VM = '6F9619FF-8B86-4D01-B42D-00CF4FC964FF';

/** A host that answers the query with these names, or with a fault, and lists others. */
function hostOf(
  answer: readonly string[] | 'wsman.fault.cannotProcessFilter' | 'wsman.fault.accessDenied',
  all: readonly string[],
): { readonly client: CimClient; readonly asked: string[] } {
  const asked: string[] = [];
  const rows = function* (names: readonly string[]): Generator<object> {
    for (const name of names) {
      yield { className: 'Msvm_ComputerSystem', properties: new Map([['Name', name]]) };
    }
  };
  const client = {
    query: async function* (wql: string) {
      asked.push(wql);
      if (typeof answer === 'string') throw wsmanError(answer, 'refused');
      yield* rows(answer);
    },
    enumerate: async function* () {
      asked.push('all');
      yield* rows(all);
    },
  };
  return { client: client as unknown as CimClient, asked };
}

test('the name of a host is asked for by its shape, without listing its VMs', async (t) => {
  const { client, asked } = hostOf(['HV01'], [VM, 'HV01']);
  assert.equal(await ownRowName(client, never), 'HV01');
  assert.deepEqual(asked.length, 1, 'the VMs were not listed');
  const lab = await startBackupLab(t);
  await lab.ask('add-vm', { name: 'vm', disks: [] });
  const wql = asked[0] ?? '';
  const names: (string | null)[] = [];
  for await (const instance of lab.client.query(wql, never)) {
    names.push(new WmiRecord(instance).text('Name'));
  }
  assert.deepEqual(names, [await lab.host.computerName(never)], 'the one row that is not a VM');
});

test('a host that does not understand the question, or has nothing to say, is asked for all its rows', async () => {
  for (const answer of ['wsman.fault.cannotProcessFilter', [], [VM]] as const) {
    const { client, asked } = hostOf(answer, [VM, 'HV01', VM]);
    assert.equal(await ownRowName(client, never), 'HV01');
    assert.equal(asked.length, 2);
  }
  const hidden = hostOf([], [VM]);
  assert.equal(await ownRowName(hidden.client, never), null);
  const refusing = hostOf('wsman.fault.accessDenied', ['HV01']);
  await assert.rejects(ownRowName(refusing.client, never), { code: 'wsman.fault.accessDenied' });
});
