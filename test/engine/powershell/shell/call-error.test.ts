import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCimError, isRefusal } from '../../../../src/engine/cim/cim-errors.ts';
import { callError } from '../../../../src/engine/powershell/shell/call-error.ts';

const CMDLET = 'Microsoft.Management.Infrastructure.CimCmdlets.InvokeCimMethodCommand';

const failure = (number: string, id = `HRESULT ${number},${CMDLET}`): Error =>
  callError({ message: 'Der Vorgang ist fehlgeschlagen', id, number }, 'CreateSnapshot');

test('a call that may have been carried out is not taken for a refused one', () => {
  for (const [number, kind] of [
    ['0x80338029', 'timedOut'],
    ['0x80072ee2', 'timedOut'],
    ['0x80041069', 'timedOut'],
    ['0x80338035', 'tooLarge'],
    ['0x80338012', 'noAnswer'],
    ['0x80072efe', 'noAnswer'],
    ['0x800706be', 'busy'],
  ] as const) {
    const error = failure(number);
    const { message } = error;
    assert.ok(isCimError(error, kind), `${number}: ${message}`);
    assert.ok(!isRefusal(error), number);
    assert.match(message, /CreateSnapshot.*Der Vorgang/);
  }
  // The script failed, before the call or while it read the answer.
  const script = failure('0x80131501', 'PropertyNotFoundStrict');
  assert.ok(isCimError(script, 'noAnswer') && !isRefusal(script));
});

test('refusals of the host are known by their numbers', () => {
  for (const [number, kind] of [
    ['0x80070005', 'denied'],
    ['0x80041002', 'notFound'],
    ['0x803381a6', 'busy'],
    ['0x8033805a', 'badKeys'],
    ['0x80072efd', 'unreachable'],
    ['0x80070057', 'refused'],
  ] as const) {
    const error = failure(number);
    assert.ok(isCimError(error, kind) && isRefusal(error), `${number}: ${error.message}`);
  }
});

test('a policy that keeps modules from loading is told apart from a host that denies access', () => {
  for (const id of [
    'UnauthorizedAccess',
    'UnauthorizedAccess,Microsoft.PowerShell.Commands.ImportModuleCommand',
    'CouldNotAutoloadMatchingModule',
  ]) {
    const error = callError(
      { message: '此系统上禁止运行脚本', id, number: '0x80131501' },
      'a query',
    );
    assert.ok(isCimError(error, 'unreachable'), id);
    assert.equal(error.code, 'powershell.locked');
    assert.match(error.message, /policy.*此系统上禁止运行脚本/);
  }
  const denied = failure('0x80070005');
  assert.ok(isCimError(denied) && denied.code === 'powershell.fault.accessDenied');
});
