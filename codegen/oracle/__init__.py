"""The oracle: a table-driven interpreter of layouts.

Slow, and written to be obviously right; every generated codec must agree with it on every input: accept or
reject, and the value. Values are plain nested dictionaries: {"group": {"element": value}}, enumerations as
their codes, an absent group as None, a list as a list of dictionaries, and the tail that a bundle's reader does
not know under "unknown" as {"width", "value", "strings"}, or None.
"""

from codegen.oracle.bits import Refused
from codegen.oracle.bundles import decode_bundle, encode_bundle
from codegen.oracle.records import decode_record, encode_record

__all__ = ["Refused", "decode_bundle", "decode_record", "encode_bundle", "encode_record"]
