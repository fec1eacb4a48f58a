import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodesOf } from '../../../../../src/engine/base/errors.ts';
import {
  isAnswer,
  isCimError,
  isRefusal,
  type CimErrorKind,
} from '../../../../../src/engine/cim/cim-errors.ts';
import { authError } from '../../../../../src/engine/net/auth/contract/auth-errors.ts';
import { httpError } from '../../../../../src/engine/net/http/http-errors.ts';
import { wsmanError } from '../../../../../src/engine/net/wsman/faults/wsman-errors.ts';

const FAULTS: Readonly<
  Record<Extract<CodesOf<typeof wsmanError>, `wsman.fault.${string}`>, CimErrorKind>
> = {
  'wsman.fault.notFound': 'notFound',
  'wsman.fault.accessDenied': 'denied',
  'wsman.fault.invalidSelectors': 'badKeys',
  'wsman.fault.cannotProcessFilter': 'badQuery',
  'wsman.fault.invalidContext': 'refused',
  'wsman.fault.timedOut': 'timedOut',
  'wsman.fault.busy': 'busy',
  'wsman.fault.quota': 'busy',
  'wsman.fault.envelopeTooLarge': 'tooLarge',
  'wsman.fault.schema': 'refused',
  'wsman.fault.noClass': 'noClass',
  'wsman.fault.noNamespace': 'noNamespace',
  'wsman.fault.notSupported': 'refused',
  'wsman.fault.internal': 'refused',
  'wsman.fault.other': 'refused',
};

test('each fault is an answer of its kind; all but two prove that nothing was done', () => {
  for (const [code, kind] of Object.entries(FAULTS)) {
    const error = wsmanError(code as keyof typeof FAULTS, 'x');
    assert.ok(isCimError(error, kind), code);
    assert.ok(isAnswer(error), code);
    assert.equal(isRefusal(error), kind !== 'timedOut' && kind !== 'tooLarge', code);
  }
});

test('a host that was not reached or let nobody in did nothing; a lost answer proves nothing', () => {
  const nothing = [
    httpError('http.unreachable', 'x'),
    ...(Object.keys(authError.flags) as CodesOf<typeof authError>[])
      .filter((code) => code !== 'http.auth.sealed')
      .map((code) => authError(code, 'x')),
  ];
  assert.ok(nothing.length >= 9);
  for (const error of nothing) assert.ok(isRefusal(error) && !isAnswer(error), error.code);
  for (const code of ['http.lost', 'http.timeout', 'http.unavailable', 'http.status'] as const) {
    const error = httpError(code, 'x');
    assert.ok(isCimError(error, 'noAnswer') && !isRefusal(error) && !isAnswer(error), code);
  }
  assert.ok(!isRefusal(authError('http.auth.sealed', 'x')), 'the request was sent');
  assert.ok(!isRefusal(wsmanError('wsman.answer', 'x')) && !isRefusal(new Error('x')));
});
