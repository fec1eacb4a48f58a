/**
 * Inventory of a host with 200 VMs of two disks each through PowerShell, after its shell is warm. Needs the real PowerShell, which
 * REFPOINT_PWSH names; stand-ins of the CIM cmdlets ask a lab over loopback, so that the host's own time counts too.
 */
import { test } from 'node:test';
import { never } from '../src/engine/base/abort.ts';
import { listVirtualMachines } from '../src/engine/hyperv/inventory/vm-list.ts';
import { powershellLab } from '../test/support/powershell/powershell-lab.ts';
import { median, report, seconds } from './measure.ts';

const VMS = 200;
const LIMIT = 3;

test(
  'inventory through PowerShell',
  { skip: (process.env['REFPOINT_PWSH'] ?? '') === '' },
  async (t) => {
    const { lab, client } = await powershellLab(t);
    const disks = [{ size: 2 ** 20 }, { size: 2 ** 20 }];
    for (let vm = 1; vm < VMS; vm++) await lab.perform('add-vm', { name: `bench ${vm}`, disks });
    const shell = client();
    await listVirtualMachines(shell, true, never);
    const times: number[] = [];
    for (let run = 0; run < 3; run++) {
      const begun = performance.now();
      const { length } = await listVirtualMachines(shell, true, never);
      times.push((performance.now() - begun) / 1000);
      if (length !== VMS) throw new Error(`${length} VMs were listed; expected ${VMS}`);
    }
    const wall = median(times);
    report(
      `PowerShell: list of ${VMS} VMs ${seconds(wall)}  bound ${LIMIT} s  ${wall < LIMIT ? 'ok' : 'MISSED'}`,
    );
    if (wall >= LIMIT) process.exitCode = 1;
  },
);
