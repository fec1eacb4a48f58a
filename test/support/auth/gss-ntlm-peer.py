# One end of an NTLM login by MIT's GSS-API with the mechanism gss-ntlmssp. Reads a JSON command from each line and writes a
# JSON answer. Users and passwords of the acceptor are in NTLM_USER_FILE.
import base64
import json
import sys

import gssapi
import gssapi.raw as raw

NTLM = gssapi.OID.from_int_seq("1.3.6.1.4.1.311.2.2.10")
SPNEGO = gssapi.OID.from_int_seq("1.3.6.1.5.5.2")
SESSION_KEY = gssapi.OID.from_int_seq("1.2.840.113554.1.2.2.5.5")
SIGNATURE_LENGTH = 16

context = None


def decode(text):
    return None if text is None else base64.b64decode(text)


def encode(data):
    return None if data is None else base64.b64encode(data).decode()


def begin(order):
    global context
    mech = SPNEGO if order["spnego"] else NTLM
    binding = decode(order.get("binding"))
    bindings = raw.ChannelBindings(application_data=binding) if binding else None
    if order["role"] == "accept":
        creds = gssapi.Credentials(usage="accept", mechs=[mech])
        context = gssapi.SecurityContext(creds=creds, usage="accept", channel_bindings=bindings)
        return {}
    name = gssapi.Name(order["user"], gssapi.NameType.user)
    password = order["password"].encode()
    acquired = raw.acquire_cred_with_password(name, password, mechs=[mech], usage="initiate")
    context = gssapi.SecurityContext(
        name=gssapi.Name(order["target"], gssapi.NameType.hostbased_service),
        creds=gssapi.Credentials(acquired.creds),
        mech=mech,
        usage="initiate",
        channel_bindings=bindings,
        flags=gssapi.RequirementFlag.confidentiality
        | gssapi.RequirementFlag.integrity
        | gssapi.RequirementFlag.mutual_authentication
        | gssapi.RequirementFlag.replay_detection
        | gssapi.RequirementFlag.out_of_sequence_detection,
    )
    return {}


def step(order):
    token = context.step(decode(order.get("token")))
    answer = {"token": encode(token), "complete": context.complete}
    if context.complete:
        answer["user"] = str(context.initiator_name).rstrip("\0")  # the name ends with a NUL
        keys = raw.inquire_sec_context_by_oid(context, SESSION_KEY)
        answer["sessionKey"] = encode(keys[0])
    return answer


def wrap(order):
    sealed = context.wrap(decode(order["data"]), True).message
    return {"signature": encode(sealed[:SIGNATURE_LENGTH]), "data": encode(sealed[SIGNATURE_LENGTH:])}


def unwrap(order):
    result = context.unwrap(decode(order["signature"]) + decode(order["data"]))
    return {"data": encode(result.message), "encrypted": result.encrypted}


COMMANDS = {"begin": begin, "step": step, "wrap": wrap, "unwrap": unwrap}
for line in sys.stdin:
    order = json.loads(line)
    try:
        answer = COMMANDS[order["do"]](order)
    except Exception as error:
        answer = {"error": "%s: %s" % (type(error).__name__, error)}
    print(json.dumps(answer), flush=True)
