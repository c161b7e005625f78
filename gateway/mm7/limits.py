"""What one message may cost us; passing any of these limits is a classified error (promise P7)."""

#: bytes of a whole HTTP body; passing it is HTTP 413 with 2560 (sinch) or 2004 (3gpp)
MAX_BODY = 10 * 1024 * 1024
#: leaves and branches of the MIME tree together
MAX_PARTS = 200
#: header lines of one part
MAX_HEADER_LINES = 64
#: bytes of one part's header block
MAX_HEADER_BYTES = 16 * 1024
#: multiparts within multiparts
MAX_NESTING = 8
#: bytes of the SOAP envelope
MAX_ENVELOPE = 1024 * 1024
#: elements within elements
MAX_XML_DEPTH = 64
#: start tags, comments and sections of an envelope together
MAX_XML_ELEMENTS = 10_000
#: attributes of an element that is read
MAX_ATTRIBUTES = 64
#: elements that stand where the schema has none of their full tag
MAX_STRANGE = 1_000
#: bytes of a namespace's text: each element's tag repeats it, so a long one costs its length times their number
MAX_NAMESPACE = 512
#: characters of a TransactionID, which every answer repeats; peers write up to 199 (interop X10)
MAX_TRANSACTION_ID = 1_024
#: lines of a whole body that begin like a delimiter, whether they are one or not
MAX_DELIMITERS = 2_000
#: findings kept of one message; what follows is counted, not kept
MAX_FINDINGS = 100
#: characters of a peer's text that a finding quotes
MAX_QUOTE = 60
#: characters of a finding's text, which may name an element or two
MAX_TEXT = 400
