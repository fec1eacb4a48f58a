import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GRANTING_COMMANDS } from '../../../../src/engine/api/windows/rights.ts';
import { grantedFeatures, missingRights } from '../../../../src/engine/cli/terminal/rights-text.ts';

const rights = [
  { feature: 'inventory', ok: true, missing: [] },
  { feature: 'checkpoints', ok: false, missing: ['hyperVAdministrators', 'vmms'] },
  { feature: 'export', ok: false, missing: ['hyperVAdministrators'] },
] as const;

test('each missing right is told once, for the features that need it, with commands for this account', () => {
  assert.equal(grantedFeatures(rights), 'inventory');
  const [first, second, ...rest] = missingRights(rights, String.raw`LAB\olga`);
  assert.equal(rest.length, 0);
  assert.equal(
    first,
    'missing for checkpoints, export: The account may not be in Hyper-V Administrators. Add it:\n' +
      String.raw`  Add-LocalGroupMember -SID S-1-5-32-578 -Member 'LAB\olga'`,
  );
  assert.match(second ?? '', /^missing for checkpoints: .*\n {2}Start-Service vmms$/);
});

test('a name that could end the quotes is not put into a command', () => {
  const [first] = missingRights(rights, `x'; Remove-Item C:\\ #`);
  assert.match(first ?? '', /'ACCOUNT'$/);
});

test('groups are named by SID: their names are localised', () => {
  assert.doesNotMatch(JSON.stringify(Object.values(GRANTING_COMMANDS)), /Administrators|Users/);
});
