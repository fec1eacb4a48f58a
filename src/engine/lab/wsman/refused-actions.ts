import { NS } from '../../net/wsman/names.ts';

const EVENTING = 'http://schemas.xmlsoap.org/ws/2004/08/eventing';

/** Deletes one instance; few classes support it. */
export const DELETE = `${NS.transfer}/Delete`;

/** Actions of WS-Management that the lab rejects, with the reason. */
export const REFUSED_ACTIONS: Readonly<Record<string, string>> = {
  [`${NS.transfer}/Put`]: 'Objects of this host are changed by methods; it does not support Put',
  [`${NS.transfer}/Create`]:
    'Objects of this host are created by methods; it does not support Create',
  [`${EVENTING}/Subscribe`]: 'The lab does not emulate subscriptions',
  [`${EVENTING}/Renew`]: 'The lab does not emulate subscriptions',
  [`${EVENTING}/Unsubscribe`]: 'The lab does not emulate subscriptions',
};
