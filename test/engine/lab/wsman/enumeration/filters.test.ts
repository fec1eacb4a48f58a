import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  count,
  enumerate,
  refused,
  strictHost,
  WMI,
  type Parts,
} from '../../../../support/host/strict-wsman.ts';
import { SETTING_ID, VM_ID } from '../../../../support/host/small-repository.ts';

const KEYS =
  `<w:Selector Name="CreationClassName">Msvm_ComputerSystem</w:Selector>` +
  `<w:Selector Name="Name">${VM_ID}</w:Selector>`;

const object = (resource: string, keys: string): string =>
  `<b:Object><a:Address>any</a:Address><a:ReferenceParameters><w:ResourceURI>${resource}</w:ResourceURI>` +
  `<w:SelectorSet>${keys}</w:SelectorSet></a:ReferenceParameters></b:Object>`;

const filtered = (dialect: string, content: string, resource = `${WMI}/*`): Parts =>
  enumerate(
    '<w:OptimizeEnumeration/><w:MaxElements>50</w:MaxElements>' +
      `<w:Filter Dialect="http://schemas.dmtf.org/wbem/wsman/1/${dialect}">${content}</w:Filter>`,
    { resource },
  );
const associated = (content: string): Parts =>
  filtered(
    'cimbinding/associationFilter',
    `<b:AssociatedInstances>${content}</b:AssociatedInstances>`,
  );

test('an association filter needs an object of this namespace with all of its keys', async (t) => {
  const { ask } = await strictHost(t);
  const system = `${WMI}/Msvm_ComputerSystem`;
  const whole = await ask(associated(object(system, KEYS)));
  assert.equal(count(whole.text, 'p:Msvm_VirtualSystemSettingData'), 1);
  const one = `<w:Selector Name="Name">${VM_ID}</w:Selector>`;
  await refused(ask, associated(object(system, one)), 'DestinationUnreachable', 2150858770);
  const elsewhere = system.replace('virtualization/v2', 'cimv2');
  await refused(ask, associated(object(elsewhere, KEYS)), 'CannotProcessFilter', 2150858778);
  await refused(
    ask,
    associated(object(`${WMI}/Msvm_Nothing`, KEYS)),
    'CannotProcessFilter',
    2150858778,
  );
  await refused(ask, associated(''), 'CannotProcessFilter', 2150858778);
});

test('an association filter names classes that are there, and is of a known kind', async (t) => {
  const { ask } = await strictHost(t);
  const source = object(`${WMI}/Msvm_ComputerSystem`, KEYS);
  const classes =
    '<b:AssociationClassName>Msvm_SettingsDefineState</b:AssociationClassName>' +
    '<b:ResultClassName>Msvm_VirtualSystemSettingData</b:ResultClassName>';
  const { text } = await ask(associated(source + classes));
  assert.match(text, new RegExp(SETTING_ID));
  for (const wrong of ['AssociationClassName', 'ResultClassName']) {
    const content = `${source}<b:${wrong}>Msvm_Nothing</b:${wrong}>`;
    await refused(ask, associated(content), 'CannotProcessFilter', 2150858778);
  }
  const kind = filtered('cimbinding/associationFilter', `<b:Friends>${source}</b:Friends>`);
  await refused(ask, kind, 'CannotProcessFilter', 2150858778);
});

test('a selector filter tests scalars that are there, each once', async (t) => {
  const { ask } = await strictHost(t);
  const select = (names: readonly string[]): Parts =>
    filtered(
      'wsman/SelectorFilter',
      `<w:SelectorSet>${names.map((name) => `<w:Selector Name="${name}">2</w:Selector>`).join('')}</w:SelectorSet>`,
      `${WMI}/Msvm_ComputerSystem`,
    );
  assert.equal(count((await ask(select(['EnabledState']))).text, 'p:Msvm_ComputerSystem'), 8);
  for (const name of ['Colour', 'OperationalStatus', 'InstallDate']) {
    await refused(ask, select([name]), 'CannotProcessFilter', 2150858778);
  }
  await refused(ask, select(['Name', 'Name']), 'InvalidSelectors', 2150858847);
});
