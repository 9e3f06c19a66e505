"""The engine: AWS clients shared by all accounts, behind one door.

A client is made once per service and region and serves every account: who is asking is a context
variable (`caller`), read when a request is signed. Each client class has the door (`door`) mixed
in, through which every call goes: allowed operations only, our own pace and retries, a record of
each call. `clients` makes the clients; `tls` and `timestamps` are what we change in them.
"""
