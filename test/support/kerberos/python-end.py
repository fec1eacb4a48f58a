"""Ends of logins by MIT Kerberos through python3-gssapi; the protocol is that of remote-end.ts."""
import base64
import json
import sys

import gssapi
import gssapi.raw as raw
from gssapi.raw import IOV, IOVBufferType, ChannelBindings

decode = lambda text: None if text is None else base64.b64decode(text)
encode = lambda data: None if data is None else base64.b64encode(data).decode()
SPNEGO = gssapi.OID.from_int_seq('1.3.6.1.5.5.2')
MECHANISMS = {'spnego': SPNEGO, 'any': SPNEGO, 'kerberos': gssapi.MechType.kerberos}
SESSION_KEY = gssapi.OID.from_int_seq('1.2.840.113554.1.2.2.5.5')


def begin(setup):
    bound = decode(setup.get('channelBinding'))
    bindings = None if bound is None else ChannelBindings(application_data=bound)
    if setup['role'] == 'acceptor':
        store = {'keytab': setup['keytab']}
        creds = gssapi.Credentials(usage='accept', store=store)
        return gssapi.SecurityContext(creds=creds, usage='accept', channel_bindings=bindings)
    mech = MECHANISMS[setup.get('framing', 'kerberos')]
    creds = None
    if 'user' in setup:
        name = gssapi.Name(setup['user'], gssapi.NameType.user)
        acquired = raw.acquire_cred_with_password(
            name, setup['password'].encode(), mechs=[mech], usage='initiate')
        creds = gssapi.Credentials(acquired.creds)
        if setup.get('framing') == 'spnego':
            raw.set_neg_mechs(creds, [gssapi.MechType.kerberos])
    target = gssapi.Name(setup.get('service', 'HTTP') + '@' + setup.get('host', 'localhost'),
                         gssapi.NameType.hostbased_service)
    flags = gssapi.IntEnumFlagSet(gssapi.RequirementFlag, 2 | 4 | 8 | 16 | 32)
    return gssapi.SecurityContext(name=target, creds=creds, mech=mech, flags=flags,
                                  usage='initiate', channel_bindings=bindings)


def answer(request):
    end = ends.get(request['id']) or begin(request['setup'])
    ends[request['id']] = end
    call = request['call']
    if call == 'step':
        token = end.step(decode(request.get('token')))
        done = end.complete
        mech = 'kerberos' if done and end.mech == gssapi.MechType.kerberos else None
        user = str(end.initiator_name) if done else None
        return {'token': encode(token), 'complete': done, 'mechanism': mech, 'user': user}
    if call == 'seal':
        iov = IOV(IOVBufferType.header, decode(request['data']), IOVBufferType.padding,
                  std_layout=False)
        raw.wrap_iov(end, iov, confidential=True)
        return {'signature': encode(iov[0].value), 'data': encode(iov[1].value)}
    if call == 'unseal':
        iov = IOV((IOVBufferType.header, False, decode(request['signature'])),
                  decode(request['data']), std_layout=False)
        result = raw.unwrap_iov(end, iov)
        if not result.encrypted:
            raise ValueError('not encrypted')
        return {'data': encode(iov[1].value)}
    if call == 'sessionKey':
        return {'data': encode(raw.inquire_sec_context_by_oid(end, SESSION_KEY)[0])}
    return {}


ends = {}
for line in sys.stdin:
    try:
        said = answer(json.loads(line))
    except Exception as error:
        said = {'error': {'code': 'python', 'message': str(error)}}
    sys.stdout.write(json.dumps({k: v for k, v in said.items() if v is not None}) + '\n')
    sys.stdout.flush()
